"""What is unfinished, counted: the numbers that an operator looks at first.

Every count is read from an index that holds unfinished messages only, so that a store with a
million finished ones answers as fast as an empty one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, text

from hub.store.messages import Owes
from hub.store.tables import UNFINISHED, State, dead_letters, messages

__all__ = ["OwedLetters", "Unfinished", "open_dead_letters", "owed_letters", "unfinished"]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Messages of one authority that owe the same and stand at the same; `since` is the oldest."""

    authority: str
    owes: Owes
    state: State
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class OwedLetters:
    """Letters that wait to be given to one provider of mailboxes; `since` is the oldest."""

    provider: str
    count: int
    since: datetime


def unfinished(connection: Connection) -> list[Unfinished]:
    """Whatever waits for the hub, for a system's receipt, or for a person, by authority."""
    return [Unfinished(*row) for row in connection.execute(_UNFINISHED)]


def owed_letters(connection: Connection) -> list[OwedLetters]:
    """What waits on its way to applicants, by the provider of their mailbox."""
    return [OwedLetters(*row) for row in connection.execute(_OWED_LETTERS)]


def open_dead_letters(connection: Connection) -> dict[str, int]:
    """How many dead letters wait for a decision, by cause; the most frequent first."""
    return {cause: count for cause, count in connection.execute(_DEAD)}  # noqa: C416 - dict() would not know the types


_UNFINISHED: Final = (
    select(
        messages.c.authority,
        messages.c.owes,
        messages.c.state,
        func.count(),
        func.min(messages.c.owed_since, type_=messages.c.owed_since.type),
    )
    .where(text(UNFINISHED))
    .group_by(messages.c.authority, messages.c.owes, messages.c.state)
    .order_by(messages.c.authority, messages.c.owes, messages.c.state)
)
_OWED_LETTERS: Final = (
    select(
        messages.c.provider,
        func.count(),
        func.min(messages.c.owed_since, type_=messages.c.owed_since.type),
    )
    .where(
        text(UNFINISHED),
        messages.c.owes == "mail",
        messages.c.state == State.OWED,
        messages.c.provider.is_not(None),
    )
    .group_by(messages.c.provider)
    .order_by(messages.c.provider)
)
_count: Final = func.count()
_DEAD: Final = (
    select(dead_letters.c.cause, _count)
    .where(dead_letters.c.state == "open")
    .group_by(dead_letters.c.cause)
    .order_by(_count.desc(), dead_letters.c.cause)
)
