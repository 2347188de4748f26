"""What the ZBP's answers mean: the failure that says who has to act, or when it was provided.

Pure. How the real service words its answers is not public: of a failure only the status is read
(its words might quote the letter), and of a success nothing is required.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel, ValidationError

from hub.model.failure import (
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.model.letter import Provided

__all__ = ["NO_ANSWER", "failure_of", "read_answer"]

NO_ANSWER: Final = "mailbox.no_answer"

_LONGEST_WAIT: Final = timedelta(days=1)
_LONGEST_AGO: Final = timedelta(days=30)
"""A letter that comes again after an outage may have been provided then."""

_REFERENCE: Final = re.compile(r"[!-~]{1,100}")
_MISCONFIGURED: Final = {
    401: "it does not accept the author's token or certificate",
    403: "it denies the author this address or this certificate",
    405: "its address takes something else",
    407: "a proxy asks for credentials",
    415: "its address takes something else",
    421: "it does not serve this host name",
}


class _Answer(BaseModel):
    """Placeholder: as the sandbox answers. Neither field is known of the real service."""

    id: str | None = None
    createdDate: AwareDatetime | None = None  # noqa: N815 - as it stands in JSON


def read_answer(body: bytes, now: datetime, shortened: Mapping[str, int]) -> Provided:
    """The time of provision and a reference, where the answer has them.

    Without a time it is that of the answer: never earlier than the provision itself, so no period
    that begins with it (OZG § 9) begins too early for the applicant. So it is with a time that
    cannot be true: after the answer, or long before the hub can have sent the letter.
    """
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:
        answer = _Answer()
    reference = answer.id if answer.id and _REFERENCE.fullmatch(answer.id) else None
    detail = {f"shortened_{name}": length for name, length in shortened.items()}
    created = answer.createdDate
    at = created if created is not None and now - _LONGEST_AGO <= created <= now else now
    return Provided(at=at, provider_reference=reference, detail=detail)


def failure_of(status: int, retry_after: str | None, now: datetime) -> HubFailure:
    """What an answer without success means."""
    said, wait = f"The mailbox provider answered {status}", _wait(retry_after, now)
    if 300 <= status < 400:
        return EndpointDown("mailbox.moved", f"{said}: its address has moved; see HUB_ZBP_URL.")
    if status in _MISCONFIGURED:
        why = _MISCONFIGURED[status]
        return EndpointDown("mailbox.denied", f"{said}: {why}; see the settings HUB_ZBP_….")
    if status in {502, 504}:
        sentence = f"{said}: nobody behind it answered."
        return TransientFailure(NO_ANSWER, sentence, retry_after=wait, in_doubt=True)
    if status >= 500:
        return TransientFailure("mailbox.failed", f"{said}: it failed.", retry_after=wait)
    if status in {408, 425, 429}:
        return TransientFailure("mailbox.busy", f"{said}: not now.", retry_after=wait)
    if status in {404, 410}:
        # No refusal: a wrong address answers so to every letter, and what the provider says of a
        # mailbox that is gone is not public. Who takes others meanwhile is given up on in the end.
        sentence = (
            f"{said}: there is no such mailbox, or nothing at the address;"
            " see HUB_ZBP_URL and HUB_ZBP_STATUS_URL."
        )
        return TransientFailure("mailbox.unknown", sentence, retry_after=wait)
    if status == 413:
        # No refusal, as with systems: a gateway says so without asking who is behind it.
        return PermanentFailure("mailbox.too_large", f"{said}: the letter is too large for it.")
    return Refused(f"{said}, refusing the letter.", codes=(), cause="mailbox.refused")


def _wait(text: str | None, now: datetime) -> timedelta | None:
    """`Retry-After` as seconds or as a date (RFC 9110, 10.2.3), bounded."""
    text = (text or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # overflow: a year or a zone of twenty digits
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(0), min(until - now, _LONGEST_WAIT))
