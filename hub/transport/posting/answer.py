"""What the status of an HTTP answer means: a failure that says who has to act.

Pure. The system's own words are not taken over, they may quote the applicant; its error
codes are, with their meaning in the list of XInneres.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from hub.model.error_codes import in_words
from hub.model.failure import (
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.transport import NO_ANSWER

__all__ = [
    "Answer",
    "error_codes",
    "failure_of",
    "is_duplicate",
    "is_number",
    "misconfigured",
    "reached",
    "refusal",
    "wait_of",
]

_LONGEST_WAIT: Final = timedelta(days=1)
_DUPLICATE: Final = "S100"
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_NUMBER: Final = re.compile(r"[ -~]{1,100}")
_MISCONFIGURED: Final = {
    401: "it does not accept the hub's credentials; see token_env, token_file, cert_file",
    403: "it denies the hub this address; ask the vendor for access",
    404: "it knows no such address; see url",
    405: "it takes no POST at this address; see url",
    406: "it cannot answer the hub; ask the vendor",
    407: "a proxy asks for credentials; see url",
    410: "its address is gone; see url",
    415: "it takes no XML at this address; see url",
    421: "it does not serve this host name; see url",
}

_TAKES_NO_OPTIONS: Final = frozenset({405, 501})
_DENYING: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is None if it was longer than was asked for."""

    status: int
    retry_after: str | None
    body: bytes | None


def error_codes(found: Iterable[str]) -> tuple[str, ...]:
    """Those that look like error codes, each once."""
    return tuple(code for code in dict.fromkeys(found) if _CODE.fullmatch(code))


def is_duplicate(codes: tuple[str, ...]) -> bool:
    """Whether the system refuses only what it has already (S100): then it is where it belongs."""
    return codes == (_DUPLICATE,)


def is_number(text: str) -> bool:
    """Whether it can be a receipt's number: short, and of visible characters."""
    return _NUMBER.fullmatch(text) is not None


def misconfigured(status: int) -> bool:
    """Whether the address or the credentials are wrong, whatever was sent."""
    return 300 <= status < 400 or status in _MISCONFIGURED


def reached(answer: Answer, without_credentials: Answer | None, system: str, now: datetime) -> str:
    """How far two requests came that deliver nothing, one with the hub's credentials, one without.

    Raises:
        HubFailure: a delivery would not arrive either.
    """
    status = answer.status
    if status not in _TAKES_NO_OPTIONS and (misconfigured(status) or status >= 500):
        raise failure_of(answer, (), system, now)
    if without_credentials is None:
        return "reached; it is given no token"
    if without_credentials.status in _DENYING:
        return "reached; it takes the hub's token, and nobody without one"
    return "reached; only a delivery would show whether it takes the hub's token"


def failure_of(answer: Answer, codes: tuple[str, ...], system: str, now: datetime) -> HubFailure:
    """What an answer without success means: who has to act, and when it may be tried again."""
    status, wait = answer.status, wait_of(answer, now)
    said = f"System {system} answered {status}"
    if 300 <= status < 400:
        return EndpointDown("endpoint.moved", f"{said}: its address has moved; see url.")
    if status in _MISCONFIGURED:
        return EndpointDown("endpoint.denied", f"{said}: {_MISCONFIGURED[status]}.")
    if status in {502, 504}:
        sentence = f"{said}: nobody behind it answered."
        return TransientFailure(NO_ANSWER, sentence, retry_after=wait, in_doubt=True)
    if status in {429, 503}:
        # RFC 6585, 4, and RFC 9110, 15.6.4: said of whoever asks, not of what was sent.
        return EndpointDown("endpoint.busy", f"{said}: not now.", retry_after=wait)
    if status >= 500:
        return TransientFailure("endpoint.failed", f"{said}: it failed.", retry_after=wait)
    if status in {408, 425} or (status == 409 and not codes):
        return TransientFailure("endpoint.busy", f"{said}: not now.", retry_after=wait)
    if status == 413:
        return PermanentFailure("endpoint.too_large", f"{said}: the message is too large for it.")
    return refusal(codes, said)


def refusal(codes: tuple[str, ...], said: str) -> Refused:
    """The system refuses the message; `said` is how it told."""
    return Refused(f"{said}, refusing the message: {in_words(codes)}.", codes=codes)


def wait_of(answer: Answer, now: datetime) -> timedelta | None:
    """`Retry-After` as seconds or as a date (RFC 9110, 10.2.3), bounded."""
    text = (answer.retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # overflow: a year or a zone of twenty digits
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(0), min(until - now, _LONGEST_WAIT))
