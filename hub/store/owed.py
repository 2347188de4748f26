"""What is owed: what concludes a message, whom its end sets free, and what owes it again."""
# ruff: noqa: A002 - an id is called id

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Connection,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.cases import lock_case_of
from hub.store.columns import UtcMicroseconds
from hub.store.leases import ENDED_IN_DOUBT, LEASE_ENDED
from hub.store.messages import BLOCKING, BLOCKING_STATES, Owes
from hub.store.prepared import Prepared
from hub.store.steps import forget_steps
from hub.store.tables import State, messages

__all__ = [
    "DUE_COLUMNS",
    "PUBLISH_GRACE",
    "Due",
    "correct",
    "finish",
    "replay",
]

PUBLISH_GRACE: Final = timedelta(seconds=30)
"""How long whoever set a message free has to publish it, before DISPATCH does."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message to publish: only what its reference needs."""

    message: MessageUuid
    case: CaseId
    authority: str
    owes: Owes
    provider: str | None
    attempts: int
    trace: str | None


def finish(
    connection: Connection,
    id: MessageUuid,
    state: State,
    at: datetime,
    *,
    cause: str | None = None,
    keep_content_until: datetime | None = None,
    in_doubt: bool = False,
) -> list[Due]:
    """Conclude a message; gives those behind it that became due by that, for publishing.

    A message that is dead frees nobody. One that is concluded already stays as it is,
    but that what was accepted may still die: a system may look closer and refuse it after all.

    Args:
        connection: of the unit.
        id: the message.
        state: ACCEPTED, PROVIDED, WITHHELD, DISCARDED or DEAD.
        at: when.
        cause: code of what ended it, if it did not end well.
        keep_content_until: when its content may be forgotten; None keeps it.
        in_doubt: of one that dies, whether the other side may have it nevertheless.
    """
    lock_case_of(connection, id)  # else a message inserted at this moment could wait for ever
    parameters = {
        "message": id,
        "end": state,
        "at": at,
        "why": cause,
        "keep": keep_content_until,
        "doubt": in_doubt,
    }
    statement = {State.ACCEPTED: _ACCEPT, State.DEAD: _DIE}.get(state, _FINISH)
    concluded = statement.count(connection, parameters) == 1
    if not concluded or state in BLOCKING:
        return []
    freed = _FREE.rows(connection, {"message": id, "due": at + PUBLISH_GRACE})
    return [Due(*one) for *one, own, waits_for in freed if own is State.OWED and waits_for is None]


def replay(connection: Connection, id: MessageUuid, at: datetime) -> Due | None:
    """Owe a dead message again, with all its attempts; None if it is not dead.

    One that the system had in full before it refused it is sent again in full.
    """
    parameters = {"message": id, "at": at, "due": at + PUBLISH_GRACE}
    if connection.execute(_HAD_BY_THE_SYSTEM, {"message": id}).one_or_none() is not None:
        forget_steps(connection, id)
    row = connection.execute(_REPLAY, parameters).one_or_none()
    return None if row is None else Due(*row)


def correct(connection: Connection, id: MessageUuid, content: bytes, wire: MessageUuid) -> bool:
    """Give a dead message other content and, as it is corrected, another nachrichtenUUID.

    What was sent of it before counts no more. Its digest stays that of what came in: the sender
    may still repeat that, and it is the same message. False if it is not dead.
    """
    parameters = {"message": id, "new_content": content, "new_wire": wire}
    if connection.execute(_CORRECT, parameters).rowcount != 1:
        return False
    forget_steps(connection, id)
    return True


_the_message: Final = messages.c.id == bindparam("message")
_at: Final = bindparam("at", type_=UtcMicroseconds)
DUE_COLUMNS: Final = (
    messages.c.id,
    messages.c.case_id,
    messages.c.authority,
    messages.c.owes,
    messages.c.provider,
    messages.c.attempts,
    messages.c.trace,
)
"""What a query selects, or returns, to make a Due of its row."""

_end: Final = (
    update(messages)
    .where(_the_message, messages.c.state != bindparam("end"))
    .values(
        state=bindparam("end"),
        concluded_at=_at,
        cause=bindparam("why"),
        content_until=bindparam("keep"),
        due_at=None,
        begun=0,
        **LEASE_ENDED,
    )
)
_finish: Final = _end.where(messages.c.state.in_(BLOCKING_STATES))
_FINISH: Final = Prepared(_finish)
# A system may refuse later what it had accepted before.
_DIE: Final = Prepared(
    _end.where(messages.c.state.in_([*BLOCKING_STATES, literal_column("'accepted'")])).values(
        begun=ENDED_IN_DOUBT
    )
)
_ACCEPT: Final = Prepared(
    _finish.values(
        accepted_at=_at,
        handed_over_at=func.coalesce(messages.c.handed_over_at, _at),
    )
)

_before: Final = messages.alias("before")
_FREE: Final = Prepared(
    update(messages)
    .where(messages.c.waits_for == bindparam("message"))
    .values(
        # Usually nothing; if it was discarded out of its turn, what it waited for itself.
        waits_for=select(_before.c.id)
        .where(
            _before.c.case_id == messages.c.case_id,
            _before.c.direction == messages.c.direction,
            _before.c.position < messages.c.position,
            _before.c.state.in_(BLOCKING_STATES),
        )
        .order_by(_before.c.position.desc())
        .limit(1)
        .scalar_subquery(),
        due_at=bindparam("due"),
        queued=True,
    )
    # Not the condition itself: SQLite 3.40 takes `waits_for IS NULL` for false here, because the
    # partial index by which it found the row says so of the row as it was.
    .returning(*DUE_COLUMNS, messages.c.state, messages.c.waits_for)
)

_REPLAY: Final = (
    update(messages)
    .where(_the_message, messages.c.state == State.DEAD, messages.c.owes.is_not(None))
    .values(
        state=State.OWED,
        owed_since=_at,
        due_at=bindparam("due"),
        queued=True,
        attempts=0,
        unexpected=0,
        cause=None,
        handed_over_at=None,
        accepted_at=None,
        concluded_at=None,
        content_until=None,
    )
    .returning(*DUE_COLUMNS)
)
_CORRECT: Final = (
    update(messages)
    .where(_the_message, messages.c.state == State.DEAD, messages.c.direction == "down")
    .values(content=bindparam("new_content"), wire=bindparam("new_wire"), begun=0)
)
_HAD_BY_THE_SYSTEM: Final = select(messages.c.id).where(
    _the_message, messages.c.state == State.DEAD, messages.c.handed_over_at.is_not(None)
)
