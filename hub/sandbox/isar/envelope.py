"""SOAP 1.2 as the simulated Isar reads and writes it: a call in, a response or a fault out.

A fault of the sender goes with status 400, one of the receiver with 500 (SOAP 1.2 part 2, 7.5).
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from hub.model.failure import PermanentFailure
from hub.xml import Element, Limits, parse, serialise

__all__ = ["MEDIA_TYPE", "SERVICE", "Answered", "Call", "fault", "read", "response"]

SERVICE: Final = "urn:example:isar:case-service:2"
MEDIA_TYPE: Final = "application/soap+xml; charset=utf-8"

_ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
_ONCE: Final = frozenset({"SubmitCase", "AddDocument", "CompleteCase"})
_OPERATIONS: Final = _ONCE | {"ListUpdates"}
_ACTION: Final = re.compile(r'application/soap\+xml\s*;.*\baction="([^"]+)"', re.IGNORECASE)
# A document of 100 MiB, in base64, in one element.
_LIMITS: Final = Limits(max_bytes=144 * 1024 * 1024, huge_text=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation, and the id under which it counts once."""

    operation: str
    id: str | None
    body: Element


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back: an HTTP status and an envelope."""

    status: int
    body: bytes


def read(content_type: str, data: bytes) -> Call:
    """Read an envelope, and believe nothing of it.

    Raises:
        PermanentFailure: it is not what SOAP 1.2 or this service asks for.
    """
    envelope = parse(data, _LIMITS)
    if envelope.tag != f"{{{_ENVELOPE}}}Envelope":
        raise PermanentFailure("X001", "This is no envelope of SOAP 1.2.")
    body = envelope.findall(f"{{{_ENVELOPE}}}Body/*")
    if len(body) != 1:
        raise PermanentFailure("X001", "The body must hold exactly one element.")
    name = etree.QName(body[0])
    if name.namespace != SERVICE or name.localname not in _OPERATIONS:
        raise PermanentFailure("X001", "There is no such operation.")
    action = _ACTION.match(content_type)
    if action is None or action[1] != f"{SERVICE}/{name.localname}":
        raise PermanentFailure("X001", "The content type names another action than the body.")
    id_ = envelope.findtext(f"{{{_ENVELOPE}}}Header/{{{SERVICE}}}CallId")
    if name.localname in _ONCE and not id_:
        raise PermanentFailure("X001", "The call has no CallId.")
    return Call(str(name.localname), id_, body[0])


def response(
    operation: str, case: str | None, updates: Iterable[tuple[int, bytes]] = ()
) -> Answered:
    """The response to an operation that was carried out."""
    root = etree.Element(f"{{{SERVICE}}}{operation}Response", nsmap={"isar": SERVICE})
    if case is not None:
        root.set("case", case)
    for number, body in updates:
        element = etree.SubElement(root, f"{{{SERVICE}}}Update", number=str(number))
        element.text = base64.b64encode(body).decode("ascii")
    return Answered(200, _enveloped(root))


def fault(who: str, code: str, sentence: str) -> Answered:
    """A fault of the `Sender` or the `Receiver`, with an error code as its subcode."""
    root = etree.Element(f"{{{_ENVELOPE}}}Fault", nsmap={"env": _ENVELOPE, "isar": SERVICE})
    codes = etree.SubElement(root, f"{{{_ENVELOPE}}}Code")
    etree.SubElement(codes, f"{{{_ENVELOPE}}}Value").text = f"env:{who}"
    subcode = etree.SubElement(codes, f"{{{_ENVELOPE}}}Subcode")
    etree.SubElement(subcode, f"{{{_ENVELOPE}}}Value").text = f"isar:{code}"
    reason = etree.SubElement(root, f"{{{_ENVELOPE}}}Reason")
    text = etree.SubElement(reason, f"{{{_ENVELOPE}}}Text")
    text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    text.text = sentence
    detail = etree.SubElement(root, f"{{{_ENVELOPE}}}Detail")
    etree.SubElement(detail, f"{{{SERVICE}}}Problem", code=code)
    return Answered(400 if who == "Sender" else 500, _enveloped(root))


def _enveloped(content: Element) -> bytes:
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"env": _ENVELOPE})
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(content)
    return serialise(envelope)
