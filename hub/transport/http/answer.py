"""What a system's HTTP answer means: a receipt, or a failure that says who has to act.

Pure. The system's own words are not taken over, they may quote the applicant; its error
codes are, with their meaning in the list of XInneres.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from hub.model.codes import code_list
from hub.model.failure import (
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.transport import NO_ANSWER, Receipt
from hub.xml import parse

__all__ = ["MAX_ANSWER_BYTES", "Answer", "judge"]

MAX_ANSWER_BYTES: Final = 1024 * 1024
_LONGEST_WAIT: Final = timedelta(days=1)
_DUPLICATE: Final = "S100"
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_NUMBER: Final = re.compile(r"[ -~]{1,100}")
_REFUSING: Final = frozenset({400, 409, 422})
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is None if it was longer than `MAX_ANSWER_BYTES`."""

    status: int
    retry_after: str | None
    body: bytes | None


def judge(answer: Answer, system: str, now: datetime) -> Receipt:
    """The receipt that the answer gives.

    Raises:
        EndpointDown: the address or the credentials are wrong; no message would pass.
        TransientFailure: later perhaps.
        PermanentFailure: this message will not pass; `Refused`: with the system's codes.
    """
    if 200 <= answer.status < 300:
        return _receipt(answer, system, now)
    codes = tuple(_codes(answer.body or b"")) if answer.status in _REFUSING else ()
    # A receiver may refuse what it has already (S100): then the message is where it belongs.
    if codes == (_DUPLICATE,):
        return Receipt(accepted=True, at=now)
    raise _failure(answer, codes, system, now)


def _receipt(answer: Answer, system: str, now: datetime) -> Receipt:
    fields = _fields(answer.body) if answer.body is not None else None
    if fields is None:
        # A login page or a cut answer is no receipt: sent again, under the same key.
        raise TransientFailure(
            NO_ANSWER,
            f"System {system} answered {answer.status} with no receipt the hub can read.",
            in_doubt=True,
        )
    number = str(fields.get("receipt", ""))
    return Receipt(
        accepted=answer.status != 202,
        at=now,
        number=number if _NUMBER.fullmatch(number) else None,
    )


def _failure(answer: Answer, codes: tuple[str, ...], system: str, now: datetime) -> HubFailure:
    status, wait = answer.status, _wait(answer.retry_after, now)
    said = f"System {system} answered {status}"
    if 300 <= status < 400:
        return EndpointDown("endpoint.moved", f"{said}: its address has moved; see url.")
    if status in _MISCONFIGURED:
        return EndpointDown("endpoint.denied", f"{said}: {_MISCONFIGURED[status]}.")
    if status in {502, 504}:
        sentence = f"{said}: nobody behind it answered."
        return TransientFailure(NO_ANSWER, sentence, retry_after=wait, in_doubt=True)
    if status >= 500:
        return TransientFailure("endpoint.failed", f"{said}: it failed.", retry_after=wait)
    if status in {408, 425, 429} or (status == 409 and not codes):
        return TransientFailure("endpoint.busy", f"{said}: not now.", retry_after=wait)
    if status == 413:
        return PermanentFailure("endpoint.too_large", f"{said}: the message is too large for it.")
    return Refused(_reasons(codes, said), codes=codes)


def _reasons(codes: tuple[str, ...], said: str) -> str:
    known = code_list("error_code").codes
    reasons = [f"{code} ({known[code].rstrip('.')})" if code in known else code for code in codes]
    return f"{said}, refusing the message: {', '.join(reasons) or 'without an error code'}."


def _wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """`Retry-After` as seconds or as a date (RFC 9110, 10.2.3), bounded."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(0), min(until - now, _LONGEST_WAIT))


def _codes(body: bytes) -> Iterator[str]:
    found = _codes_in_json(body) if body.lstrip()[:1] == b"{" else _codes_in_xml(body)
    return (code for code in dict.fromkeys(found) if _CODE.fullmatch(code))


def _codes_in_json(body: bytes) -> list[str]:
    codes = (_fields(body) or {}).get("codes")
    return [str(code) for code in codes] if isinstance(codes, list) else []


def _codes_in_xml(body: bytes) -> list[str]:
    try:
        root = parse(body)
    except PermanentFailure:
        return []
    return [(each.text or "").strip() for each in root.iter("{*}code")]


def _fields(body: bytes) -> Mapping[str, object] | None:
    """A JSON object's fields, none of an empty body, None if it is neither."""
    if not body.strip():
        return {}
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
