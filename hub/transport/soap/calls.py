"""The calls of the case service as SOAP 1.2 envelopes.

Pure, but for the bytes of a document, which are loaded when its call is made. The operation
stands in the content type's parameter `action` (SOAP 1.2 part 2, appendix A); a call that must
not count twice has an id in a header that the other side has to understand.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from lxml import etree

from hub.adapter import Attachment
from hub.transport.posting.poster import Request
from hub.workshop.packed import PackedXml
from hub.xml import Element, Limits, parse, serialise

__all__ = [
    "ENVELOPE",
    "SERVICE",
    "Call",
    "add_document",
    "complete_case",
    "list_updates",
    "submit_case",
]

ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
SERVICE: Final = "urn:example:isar:case-service:2"

_OWN: Final = Limits(huge_text=True)
"""Of a message that was proven valid before."""

_MEDIA_TYPE: Final = "application/soap+xml"


@dataclass(frozen=True, slots=True)
class Call:
    """One call, to be made once. Its id is the same however often it is made all the same."""

    operation: str
    id: str
    make: Callable[[], Request]


def submit_case(message: PackedXml) -> Call:
    """Open a case with its XML message."""

    def fill(body: Element) -> None:
        body.set("message", str(message.uuid))
        body.append(parse(message.data, _OWN, encodings=frozenset({message.encoding})))

    return _once("SubmitCase", message.uuid, fill)


def add_document(message: UUID, number: str, attachment: Attachment) -> Call:
    """Bring one document of the case. Making the request blocks while the bytes are loaded."""
    document = attachment.document

    def fill(body: Element) -> None:
        body.set("case", number)
        body.set("document", str(document.id))
        body.set("name", attachment.name)
        body.set("sha256", document.sha256)
        body.text = base64.b64encode(attachment.load()).decode("ascii")

    return _once("AddDocument", message, fill, document.id)


def complete_case(message: UUID, number: str, documents: int) -> Call:
    """Say that the case has all its documents, and how many those are."""

    def fill(body: Element) -> None:
        body.set("case", number)
        body.set("documents", str(documents))

    return _once("CompleteCase", message, fill)


def list_updates(after: int, most: int) -> Request:
    """Ask for at most so many updates after a number; all up to it are safe with the hub."""

    def fill(body: Element) -> None:
        body.set("after", str(after))
        body.set("max", str(most))

    return _request("ListUpdates", None, fill)


def _once(operation: str, message: UUID, fill: Callable[[Element], None], *more: UUID) -> Call:
    id_ = " ".join(map(str, (message, operation, *more)))
    return Call(operation, id_, partial(_request, operation, id_, fill))


def _request(operation: str, id_: str | None, fill: Callable[[Element], None]) -> Request:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"env": ENVELOPE, "isar": SERVICE})
    if id_ is not None:
        header = etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
        block = etree.SubElement(header, f"{{{SERVICE}}}CallId")
        block.set(f"{{{ENVELOPE}}}mustUnderstand", "true")
        block.text = id_
    body = etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    fill(etree.SubElement(body, f"{{{SERVICE}}}{operation}"))
    return Request(
        serialise(envelope),
        content_type=f'{_MEDIA_TYPE}; charset=utf-8; action="{SERVICE}/{operation}"',
        accept=_MEDIA_TYPE,
    )
