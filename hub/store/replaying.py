"""Replays under way: which of them nobody has begun with, and which the broker has lost.

A replay of what has no row of its own is known here only by its dead letter, from the moment it
was published until it is taken in or dies again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, text, update

from hub.model.identifiers import MessageUuid
from hub.store.due import NOT_HELD
from hub.store.tables import UNDER_WAY, State, dead_letters, messages

__all__ = ["SentAgain", "not_begun", "reopen", "replays_under_way"]


@dataclass(frozen=True, slots=True)
class SentAgain:
    """A dead letter that was replayed at `at`; `row` is its message, as far as that is known."""

    letter: UUID
    row: MessageUuid | None
    at: datetime


def not_begun(
    connection: Connection, sent: Iterable[SentAgain], now: datetime
) -> tuple[SentAgain, ...]:
    """Those with which the hub could begin and has not.

    Not those that wait for their authority or a message before them: they stand in nobody's way.
    """
    return tuple(each for each in sent if _is_not_begun(connection, each, now))


def replays_under_way(connection: Connection, before: datetime) -> dict[UUID, str]:
    """What has no row, was published before that time and came to nothing yet: its exchange."""
    rows = connection.execute(_UNDER_WAY, {"before": before})
    return {row.id: str(row.origin.get("exchange", "")) for row in rows}


def reopen(connection: Connection, letter: UUID) -> bool:
    """Open again what was replayed and got lost; False if it came to something meanwhile."""
    return connection.execute(_REOPEN, {"letter": letter}).rowcount == 1


def _is_not_begun(connection: Connection, sent: SentAgain, now: datetime) -> bool:
    letter = connection.execute(_LETTER, {"letter": sent.letter}).one_or_none()
    if letter is None or letter.state != "replayed":
        return False
    if letter.message is None and letter.passed_at is None:
        return True
    row = letter.message or sent.row
    return (
        row is not None
        and connection.execute(_ROW, {"message": row, "now": now}).one_or_none() is not None
    )


_LETTER: Final = select(
    dead_letters.c.state, dead_letters.c.message, dead_letters.c.passed_at
).where(dead_letters.c.id == bindparam("letter"))
_ROW: Final = select(messages.c.id).where(
    messages.c.id == bindparam("message"),
    messages.c.state == State.OWED,
    messages.c.waits_for.is_(None),
    messages.c.attempts == 0,
    *NOT_HELD,
)
_UNDER_WAY: Final = select(dead_letters.c.id, dead_letters.c.origin).where(
    text(UNDER_WAY), dead_letters.c.decided_at < bindparam("before")
)
_REOPEN: Final = (
    update(dead_letters)
    .where(dead_letters.c.id == bindparam("letter"), text(UNDER_WAY))
    .values(state="open", decided_at=None)
)
