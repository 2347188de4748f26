"""What the answer to a call means: its response, or a failure that says who has to act.

Pure. A fault says whose it is, so it counts for more than the status; only an address that is
wrong for everybody counts for more than a fault. The system's own words are not taken over,
they may quote the applicant; its error codes are.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from lxml import etree

from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.transport import NO_ANSWER
from hub.transport.posting.answer import (
    Answer,
    error_codes,
    failure_of,
    is_duplicate,
    is_number,
    misconfigured,
    refusal,
    wait_of,
)
from hub.transport.soap.calls import ENVELOPE, SERVICE
from hub.xml import RETURN_LIMITS, Element, Limits, parse

__all__ = ["MAX_ANSWER_BYTES", "AlreadyThere", "Update", "judge", "result_of", "updates_in"]

MAX_ANSWER_BYTES: Final = 24 * 1024 * 1024
"""One update as large as the broker takes (16 MiB), in base64, and what lies around it."""

_LIMITS: Final = Limits(MAX_ANSWER_BYTES, max_depth=32, max_elements=10_000, huge_text=True)
_UPDATE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


class AlreadyThere(Exception):
    """The system has the whole case already (S100). `number` is its receipt's, if it says one."""

    def __init__(self, number: str | None) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Update:
    """One document of the system. Numbers grow from each to the next."""

    number: int
    body: bytes


def judge(answer: Answer, operation: str, system: str, now: datetime) -> Element:
    """The response to a call of the operation.

    Raises:
        AlreadyThere: the whole case was delivered before.
        EndpointDown: the address, the credentials or the version of SOAP are wrong.
        TransientFailure: later perhaps; a fault of the receiver, or no response can be read.
        PermanentFailure: this message will not pass; `Refused`: a fault of the sender.
    """
    said = None if misconfigured(answer.status) else _said(answer.body)
    if said is not None and said.tag == f"{{{ENVELOPE}}}Fault":
        raise _of_fault(said, answer, system, now)
    if not 200 <= answer.status < 300:
        raise failure_of(answer, (), system, now)
    if said is None or said.tag != f"{{{SERVICE}}}{operation}Response":
        raise _unreadable(operation, system)
    return said


def result_of(response: Element, system: str) -> str:
    """What is kept of a call: the number of the case that its response names.

    Raises:
        TransientFailure: there is none; the call comes again under the same id.
    """
    number = response.get("case", "")
    if not is_number(number):
        raise _unreadable(str(etree.QName(response).localname), system)
    return number


def updates_in(response: Element, after: int, system: str) -> list[Update]:
    """The updates in a response, of which all numbers lie above `after` and grow.

    Raises:
        TransientFailure: one cannot be read, is larger than the broker takes, or its number
            goes back: with it the hub could go round in circles.
    """
    updates = [_update(each, system) for each in response.iterfind(f"{{{SERVICE}}}Update")]
    numbers = [after, *(update.number for update in updates)]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise TransientFailure(
            "updates.order", f"System {system} lists updates whose numbers do not grow."
        )
    return updates


def _said(body: bytes | None) -> Element | None:
    """The one element in the envelope's body."""
    try:
        envelope = parse(body or b"", _LIMITS)
    except PermanentFailure:
        return None
    if envelope.tag != f"{{{ENVELOPE}}}Envelope":
        return None
    said = envelope.findall(f"{{{ENVELOPE}}}Body/*")
    return said[0] if len(said) == 1 else None


def _of_fault(fault: Element, answer: Answer, system: str, now: datetime) -> Exception:
    who = _local(fault.findtext(f"{{{ENVELOPE}}}Code/{{{ENVELOPE}}}Value"))
    said = f"System {system} answered with a fault of the {who.lower()}"
    if who == "Receiver":
        wait = wait_of(answer, now)
        return TransientFailure("endpoint.failed", f"{said}: not now.", retry_after=wait)
    if who != "Sender":
        # VersionMismatch, MustUnderstand, DataEncodingUnknown: so it would be with any message.
        return EndpointDown(
            "endpoint.protocol", f"System {system} does not understand the hub's SOAP; see url."
        )
    codes = _codes(fault)
    if is_duplicate(codes):
        problem = fault.find(f".//{{{SERVICE}}}Problem[@case]")
        number = "" if problem is None else problem.get("case", "")
        return AlreadyThere(number if is_number(number) else None)
    return refusal(codes, said)


def _codes(fault: Element) -> tuple[str, ...]:
    """Subcodes, which are qualified names, and what the detail names in its own words."""
    subcodes = fault.iterfind(f".//{{{ENVELOPE}}}Subcode/{{{ENVELOPE}}}Value")
    problems = fault.iterfind(f"{{{ENVELOPE}}}Detail/{{{SERVICE}}}Problem")
    return error_codes(
        [*(_local(each.text) for each in subcodes), *(each.get("code", "") for each in problems)]
    )


def _local(name: str | None) -> str:
    return (name or "").strip().rpartition(":")[2]


def _unreadable(operation: str, system: str) -> TransientFailure:
    # A login page or a cut answer is no response: called again, under the same id.
    return TransientFailure(
        NO_ANSWER,
        f"System {system} answered {operation} with nothing the hub can read.",
        in_doubt=True,
    )


def _update(element: Element, system: str) -> Update:
    number = element.get("number", "")
    try:
        body = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        body = b""
    if not body or not _UPDATE_NUMBER.fullmatch(number):
        raise TransientFailure(
            "updates.unreadable", f"System {system} lists an update that is none."
        )
    if len(body) > RETURN_LIMITS.max_bytes:
        raise TransientFailure(
            "updates.too_large",
            f"Update {number} of system {system} is larger than {RETURN_LIMITS.max_bytes} bytes.",
        )
    return Update(int(number), body)
