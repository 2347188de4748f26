"""Every limit of the two objects, as the published facts have them. Lengths are in characters."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hub.sandbox.zbp.refusal import Refusal

__all__ = ["check_message", "check_state"]

_Check = Callable[[Any], str | None]
"""Gives what is wrong with a value, None if nothing is."""


def check_message(message: Mapping[str, Any]) -> None:
    """Raise Refusal (400) for a message that breaks a limit; names the field."""
    _check(message, _MESSAGE, _MESSAGE_REQUIRED)


def check_state(state: Mapping[str, Any]) -> None:
    """Raise Refusal (400) for a status object that breaks a limit; names the field."""
    _check(state, _STATE, _STATE_REQUIRED)


def _text(at_least: int, at_most: int | None = None) -> _Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a text"
        if len(value) < at_least or (at_most is not None and len(value) > at_most):
            return f"has {len(value)} characters, must have {at_least} to {at_most or 'any number'}"
        return None

    return check


def _german(at_most: int) -> _Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, dict) or set(value) != {"de"}:
            return "must be an object with de"
        return _text(1, at_most)(value["de"])

    return check


def _uuid(value: Any) -> str | None:
    try:
        UUID(value)
    except (ValueError, TypeError, AttributeError):
        return "must be a UUID"
    return None


def _level(value: Any) -> str | None:
    return None if type(value) is int and 1 <= value <= 4 else "must be 1 to 4"


def _status(value: Any) -> str | None:
    known = ("INITIATED", "SUBMITTED", "RECEIVED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED")
    return None if value in known else f"must be one of {', '.join(known)}"


def _moment(value: Any) -> str | None:
    try:
        aware = datetime.fromisoformat(value).tzinfo is not None
    except (ValueError, TypeError):
        aware = False
    return None if aware else "must be a time as in ISO 8601, with its zone"


def _attachments(value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    for number, each in enumerate(value, start=1):
        if not isinstance(each, dict) or set(each) != {"filename", "sha512sum", "contentLength"}:
            return f"{number} must have filename, sha512sum and contentLength"
        if wrong := _text(1, 4000)(each["filename"]):
            return f"{number}: filename {wrong}"
        if not re.fullmatch(r"[0-9a-f]{128}", str(each["sha512sum"])):
            return f"{number}: sha512sum must be a SHA-512 in hex"
        if type(each["contentLength"]) is not int or each["contentLength"] < 0:
            return f"{number}: contentLength must be a number of bytes"
    return None


_MESSAGE_REQUIRED: Final = {
    "stork_qaa_level": _level,
    "mailboxUuid": _uuid,
    "sender": _text(1, 255),
    "title": _text(1, 1024),
    "content": _text(1),
    "service": _text(1, 255),
}
_MESSAGE: Final[Mapping[str, _Check]] = {
    **_MESSAGE_REQUIRED,
    "applicationId": _uuid,
    "retrievalConfirmationAddress": _text(0, 320),
    "replyAddress": _text(0, 320),
    "reference": _text(0, 255),
    "senderUrl": _text(0, 255),
    "attachments": _attachments,
}
_STATE_REQUIRED: Final = {
    "applicationId": _uuid,
    "status": _status,
    "publicServiceName": _german(100),
    "senderName": _text(1, 100),
    "createdDate": _moment,
}
_STATE: Final[Mapping[str, _Check]] = {
    **_STATE_REQUIRED,
    "statusDetails": _german(50),
    "additionalInformation": _german(100),
    "reference": _text(0, 50),
}


def _check(
    found: Mapping[str, Any], fields: Mapping[str, _Check], required: Mapping[str, _Check]
) -> None:
    problems = list(_problems(found, fields, required))
    if problems:
        raise Refusal(400, "limits", "; ".join(problems))


def _problems(
    found: Mapping[str, Any], fields: Mapping[str, _Check], required: Mapping[str, _Check]
) -> Iterator[str]:
    if set(found) - set(fields):
        yield f"{len(set(found) - set(fields))} fields are not known"
    for name in required:
        if name not in found:
            yield f"{name} is missing"
    for name, check in fields.items():
        if name in found and (wrong := check(found[name])):
            yield f"{name} {wrong}"
