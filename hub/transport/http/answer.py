"""What a system's HTTP answer means: a receipt, or a failure that says who has to act.

Pure. Error codes stand in a JSON object or in XML; the status says the rest.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.model.failure import PermanentFailure, TransientFailure
from hub.transport import NO_ANSWER, Receipt
from hub.transport.posting.answer import Answer, error_codes, failure_of, is_duplicate, is_number
from hub.xml import parse

__all__ = ["MAX_ANSWER_BYTES", "judge"]

MAX_ANSWER_BYTES: Final = 1024 * 1024
_REFUSING: Final = frozenset({400, 409, 422})


def judge(answer: Answer, system: str, now: datetime) -> Receipt:
    """The receipt that the answer gives.

    Raises:
        EndpointDown: the address or the credentials are wrong; no message would pass.
        TransientFailure: later perhaps.
        PermanentFailure: this message will not pass; `Refused`: with the system's codes.
    """
    if 200 <= answer.status < 300:
        return _receipt(answer, system, now)
    codes = _codes(answer.body or b"") if answer.status in _REFUSING else ()
    if is_duplicate(codes):
        return Receipt(accepted=True, at=now)
    raise failure_of(answer, codes, system, now)


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
        number=number if is_number(number) else None,
    )


def _codes(body: bytes) -> tuple[str, ...]:
    return error_codes(_codes_in_json(body) if body.lstrip()[:1] == b"{" else _codes_in_xml(body))


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
