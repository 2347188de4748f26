"""What Isar 2.1 has no place for, and why; `hub adapters check` proves it complete."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from hub.adapter import Change
from hub.model.downward import Downward, Submission

__all__ = ["LOST", "left_out"]

_TRUST: Final = "Isar does not know how far a field can be trusted: its clerks see the papers"
_HEIGHT: Final = "Isar orders no cards, so nobody's height stands in it"
_EYES: Final = "Isar orders no cards, so the colour of nobody's eyes stands in it"
_LEIKA: Final = "Isar has ten services of its own, not the federal catalogue"
_MAILBOX: Final = "the mailbox stays with the hub, which brings the answers there"

_PEOPLE: Final = ("details.person", "details.worker", "details.family.*")
_TRUSTED: Final = (*_PEOPLE, "details.representative", "details.host")

LOST: Final[Mapping[str, str]] = {
    "submission.leika": _LEIKA,
    "submission.mailbox.**": _MAILBOX,
    "submission.place": "the authority responsible for the place is named instead",
    **{f"submission.{person}.trust.**": _TRUST for person in _TRUSTED},
    **{f"submission.{person}.height_cm": _HEIGHT for person in _PEOPLE},
    **{f"submission.{person}.eye_colour.**": _EYES for person in _PEOPLE},
}

_NEVER_CARRIED: Final = {"trust": _TRUST, "height_cm": _HEIGHT, "eye_colour": _EYES}


def left_out(message: Downward) -> tuple[Change, ...]:
    """What this message has and Isar has no place for."""
    if not isinstance(message, Submission):
        return ()
    given = {"leika": (message.leika, _LEIKA), "mailbox": (message.mailbox, _MAILBOX)}
    lost = [(name, why) for name, (value, why) in given.items() if value is not None]
    lost += _below(message.details, "details")
    return tuple(Change(path, f"left out: {why}") for path, why in lost)


def _below(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Where something stands below `value` that is never carried."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in _NEVER_CARRIED:
                if inner is not None:
                    yield f"{path}.{name}", _NEVER_CARRIED[name]
            else:
                yield from _below(inner, f"{path}.{name}")
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _below(each, f"{path}[{at}]")
