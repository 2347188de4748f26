"""How one dead letter is shown: everything but what came in, unless it was opened for that."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.cli.failures import CommandFailure
from hub.cli.output import show_table
from hub.store import Connection, Outcome, dead_letter_by_id, message_by_id, outcome_of

__all__ = ["Shown", "show_letter", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A dead letter; `message_state` is that of its message now, `told_at` when its sender was."""

    id: UUID
    outcome: Outcome
    cause: str
    sentence: str
    location: str | None
    stage: str
    at: datetime
    authority: str | None
    kind: str | None
    case: UUID | None
    message: UUID | None
    message_state: str | None
    replays: int
    decided_at: datetime | None
    reason: str | None
    told_at: datetime | None
    correlation: str | None
    fingerprint: str
    origin: Mapping[str, str]
    content: str | None


def shown(connection: Connection, id_: UUID, content: str | None) -> Shown:
    """Look it up; raise CommandFailure if there is none."""
    letter = dead_letter_by_id(connection, id_)
    if letter is None:
        raise CommandFailure(f"There is no dead letter {id_}.")
    message = message_by_id(connection, letter.message) if letter.message is not None else None
    own: dict[str, Any] = {
        "outcome": outcome_of(connection, letter),
        "message_state": message.state.value if message is not None else None,
        "told_at": letter.refusal_sent_at,
        "content": content,
    }
    return Shown(
        **{
            field.name: own[field.name] if field.name in own else getattr(letter, field.name)
            for field in fields(Shown)
        }
    )


def show_letter(one: Shown) -> None:
    """Print it for a person."""
    rows = [
        (field.name.replace("_", " "), _text(getattr(one, field.name)))
        for field in fields(Shown)
        if field.name != "content" and getattr(one, field.name) not in (None, {}, "")
    ]
    show_table(("dead letter", ""), rows)
    if one.content is not None:
        print(f"\nOpened, and written down in the audit:\n\n{one.content}")


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text}" for name, text in value.items() if text)
    return str(value)
