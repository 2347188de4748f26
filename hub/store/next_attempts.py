"""When what was postponed is tried again: moved as a person wishes.

Moved is only what waits for its time: what lies in its queue or is being tried comes as soon as
it can anyway, and what waits for another message comes after that one.
"""
# ruff: noqa: A002 - an id is called id

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    false,
    or_,
    text,
    update,
)

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.columns import UtcMicroseconds
from hub.store.due import PLACE
from hub.store.tables import OWED_AND_FREE, messages

__all__ = ["Moved", "move_next_attempt", "move_next_attempts"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A message that is tried next at another time.

    `place` is where it goes: the key of an authority, or the name of a mailbox provider.
    """

    message: MessageUuid
    case: CaseId
    authority: str
    place: str
    attempts: int


def move_next_attempt(
    connection: Connection, id: MessageUuid, at: datetime, now: datetime
) -> Moved | None:
    """Have a postponed message tried at `at`; None if it does not wait for its time."""
    row = connection.execute(_MOVE, {"message": id, "at": at, "now": now}).one_or_none()
    return None if row is None else Moved(*row)


def move_next_attempts(connection: Connection, place: str, now: datetime) -> list[Moved]:
    """Have everything tried now that was postponed on its way to a place."""
    rows = connection.execute(_MOVE_ALL, {"goes_to": place, "at": now, "now": now})
    return [Moved(*row) for row in rows]


_postponed: Final = and_(
    text(OWED_AND_FREE),
    messages.c.queued == false(),
    or_(messages.c.leased_by.is_(None), messages.c.leased_until <= bindparam("now")),
)
_move: Final = (
    update(messages)
    .where(_postponed)
    .values(due_at=bindparam("at", type_=UtcMicroseconds))
    .returning(
        messages.c.id,
        messages.c.case_id,
        messages.c.authority,
        PLACE.label("place"),
        messages.c.attempts,
    )
)
_MOVE: Final = _move.where(messages.c.id == bindparam("message"))
_MOVE_ALL: Final = _move.where(
    messages.c.due_at > bindparam("now"),
    or_(
        and_(messages.c.owes == "deliver", messages.c.authority == bindparam("goes_to")),
        and_(messages.c.owes == "mail", messages.c.provider == bindparam("goes_to")),
    ),
)
