"""What Spree has no place for, and why; `hub adapters check` proves it complete."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from hub.adapter import Change
from hub.model.downward import Downward, Submission

__all__ = ["LOST", "left_out"]

_TRUST: Final = "Spree trusts all fields alike: it has no mark for where one came from"
_LEIKA: Final = "Spree knows its ten procedures, not the federal catalogue of services"
_MAILBOX: Final = "the mailbox stays with the hub, which brings the answers there"

LOST: Final[Mapping[str, str]] = {
    "submission.leika": _LEIKA,
    "submission.mailbox.**": _MAILBOX,
    "submission.place": "the authority responsible for the place is named instead",
    "submission.details.person.trust.**": _TRUST,
    "submission.details.representative.trust.**": _TRUST,
    "submission.details.worker.trust.**": _TRUST,
    "submission.details.family.*.trust.**": _TRUST,
    "submission.details.host.trust.**": _TRUST,
}


def left_out(message: Downward) -> tuple[Change, ...]:
    """What this message has and Spree has no place for."""
    if not isinstance(message, Submission):
        return ()
    given = {"leika": (message.leika, _LEIKA), "mailbox": (message.mailbox, _MAILBOX)}
    lost = [(name, why) for name, (value, why) in given.items() if value is not None]
    lost += [(path, _TRUST) for path in _trusts(message.details, "details")]
    return tuple(Change(path, f"left out: {why}") for path, why in lost)


def _trusts(value: object, path: str) -> Iterator[str]:
    """Where trust levels stand below `value`."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            below = getattr(value, name)
            if name == "trust" and below is not None:
                yield f"{path}.{name}"
            else:
                yield from _trusts(below, f"{path}.{name}")
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _trusts(each, f"{path}[{at}]")
