"""Leases: who is at a message, and how an attempt that does not conclude it ends.

Every step is one conditional statement, so that of two that try only one succeeds. A lease that
ran out before its attempt ended leaves the message in doubt: it may have reached the other side.
However leases end, it is the next claim that finds how many attempts were cut off one after the
other, and whoever claims decides whether the message waits before it is tried again. Each claim
has a lease of its own: whoever went on after it ran out, in a process that had stood still, finds
that it is no longer theirs.
"""
# ruff: noqa: A002 - an id is called id

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    delete,
    false,
    literal_column,
    or_,
    select,
    text,
    update,
)

from hub.model.identifiers import MessageUuid
from hub.store.messages import MESSAGE_COLUMNS, Message
from hub.store.prepared import Prepared
from hub.store.tables import UNFINISHED, State, collectors, messages, pauses, steps

__all__ = [
    "CUT_OFF",
    "ENDED_IN_DOUBT",
    "LEASE_ENDED",
    "Claim",
    "Claimed",
    "NotYours",
    "claim",
    "end_leases",
    "extend_lease",
    "give_back",
    "hand_over",
    "holds",
    "postpone",
    "release_leases",
    "waited",
]

CUT_OFF: Final = "hub.cut_off"
"""Cause of what was put off because its attempts were cut off again and again. It stays until the
attempt for which the message has waited begins: so that it is not put off twice for the same."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The message is the caller's until its lease ends. Attempts count this one already.

    `open_ends`: how many attempts right before this one were cut off, so that nobody knows how they
    ended. `was_in_doubt`: the message may have reached the other side before, by one of these or by
    the attempt before them. `has_steps`: some steps of it are finished. `lease` names this very
    claim; `until` is when it ends, unless it is extended.
    """

    message: Message
    open_ends: int
    was_in_doubt: bool
    has_steps: bool
    lease: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NotYours:
    """Nothing to do: it owes nothing, waits, someone is at it or has paused it, or it never was.

    `waiting`: for another message; `put_off`: for its time, as attempts were cut off.
    """

    reason: Literal["finished", "waiting", "put_off", "taken", "paused", "unknown"]


Claim = Claimed | NotYours


def claim(
    connection: Connection, id: MessageUuid, owner: str, now: datetime, lease: timedelta
) -> Claim:
    """Take a message to work on it, if it is owed, waits for nothing and nobody is at it.

    Not even this owner: two references to one message may reach two of its handlers. Nothing is
    taken that would go to an authority which a person has paused, nor what was put off as its
    attempts were cut off, before its time: RabbitMQ may give a reference out once more. An attempt
    whose lease ran out does not count: whoever was at it has died, which says nothing about the
    message.
    """
    name, until = f"{owner}:{secrets.token_hex(4)}", now + lease
    parameters = {"message": id, "lease": name, "now": now, "until": until}
    row = _CLAIM.row(connection, parameters)
    if row is not None:
        *columns, begun, has_steps = row
        open_ends = begun // _ATTEMPT - 1
        in_doubt = begun > _ATTEMPT
        return Claimed(Message(*columns), open_ends, in_doubt, bool(has_steps), name, until)
    return _why_not(connection, id, now)


def extend_lease(connection: Connection, id: MessageUuid, lease: str, until: datetime) -> bool:
    """Go on working; False if the lease is lost."""
    parameters = {"message": id, "lease": lease, "until": until}
    return _EXTEND.count(connection, parameters) == 1


def holds(connection: Connection, id: MessageUuid, lease: str) -> bool:
    """Whether the message is still owed and nobody else has taken it over, until the unit ends."""
    return connection.execute(_HOLD, {"message": id, "lease": lease}).rowcount == 1


def end_leases(connection: Connection, owner: str) -> int:
    """End the leases of an owner who is at work on nothing: his attempts are in doubt.

    They do not count, as no attempt does that the hub itself has cut off.
    """
    return connection.execute(_END, {"owner": owner}).rowcount


def release_leases(connection: Connection) -> int:
    """End all leases, as `end_leases` does; only right where no other process can be alive."""
    connection.execute(_RELEASE_COLLECTORS)
    return connection.execute(_RELEASE).rowcount


def postpone(
    connection: Connection,
    id: MessageUuid,
    *,
    due_at: datetime,
    cause: str,
    burn: bool = True,
    unexpected: bool = False,
    in_doubt: bool = False,
) -> None:
    """End an attempt; the message is still owed. One that was concluded meanwhile stays so.

    Args:
        connection: of the unit.
        id: the message.
        due_at: when it is tried again.
        cause: code of what went wrong.
        burn: whether the attempt counts.
        unexpected: whether it ended in an exception that nobody expected.
        in_doubt: whether the message may have reached the other side nevertheless. If an attempt
            before this one left that open, it stays so.
    """
    parameters = {
        "message": id,
        "due": due_at,
        "why": cause,
        "given_back": 0 if burn else 1,
        "surprises": 1 if unexpected else 0,
        "doubt": in_doubt,
    }
    connection.execute(_POSTPONE, parameters)


def give_back(connection: Connection, id: MessageUuid, *, due_at: datetime, cause: str) -> None:
    """Undo a claim of which nothing came: the message is as it was, but due at `due_at`."""
    connection.execute(_GIVE_BACK, {"message": id, "due": due_at, "why": cause})


def waited(connection: Connection, id: MessageUuid) -> None:
    """The attempt for which a message was put off begins: it has no CUT_OFF any more."""
    connection.execute(_WAITED, {"message": id})


def hand_over(connection: Connection, id: MessageUuid, at: datetime) -> None:
    """The system has it, its receipt is awaited: nothing is due, those behind it still wait."""
    _HAND_OVER.count(connection, {"message": id, "at": at})


_ATTEMPT: Final = 2
"""What an attempt adds to `begun`. Below that, 1 says that one whose end is known left the message
in doubt: that is no attempt which the hub has cut off, and does not count as one."""

ENDED_IN_DOUBT: Final = case((or_(bindparam("doubt"), messages.c.begun > _ATTEMPT), 1), else_=0)
"""What `begun` is after an attempt whose end is known: nothing that follows takes a doubt away."""

LEASE_ENDED: Final[dict[str, Any]] = {"leased_by": None, "leased_until": None}
"""What a statement sets when nobody is at a message any more."""

_the_message: Final = messages.c.id == bindparam("message")
_owed: Final = messages.c.state == State.OWED

_is_paused: Final = and_(
    messages.c.owes == literal_column("'deliver'"),
    messages.c.authority.in_(select(pauses.c.authority)),
)

_is_put_off: Final = and_(
    messages.c.cause.is_not_distinct_from(literal_column(f"'{CUT_OFF}'")),
    messages.c.queued == false(),
    messages.c.due_at > bindparam("now"),
)

_CLAIM: Final = Prepared(
    update(messages)
    .where(
        _the_message,
        _owed,
        messages.c.waits_for.is_(None),
        or_(
            messages.c.leased_by.is_(None),
            messages.c.leased_until <= bindparam("now"),
        ),
        ~_is_paused,
        ~_is_put_off,
    )
    .values(
        leased_by=bindparam("lease"),
        leased_until=bindparam("until"),
        queued=False,
        attempts=messages.c.attempts + case((messages.c.leased_by.is_(None), 1), else_=0),
        begun=messages.c.begun + _ATTEMPT,
    )
    .returning(
        *MESSAGE_COLUMNS,
        messages.c.begun,
        select(steps.c.message).where(steps.c.message == messages.c.id).exists(),
    )
)
_STANDING: Final = select(
    messages.c.state,
    messages.c.waits_for,
    _is_paused.label("is_paused"),
    _is_put_off.label("is_put_off"),
).where(_the_message)
_held: Final = update(messages).where(
    _the_message, _owed, messages.c.leased_by == bindparam("lease")
)
_EXTEND: Final = Prepared(_held.values(leased_until=bindparam("until")))
_HOLD: Final = _held.values(leased_by=bindparam("lease"))  # locks the row, and changes nothing
_cut_off: Final = (
    # In the index's own words: else all messages that ever were are read, with the writer.
    update(messages)
    .where(text(UNFINISHED), _owed)
    .values(attempts=messages.c.attempts - 1, **LEASE_ENDED)
)
_RELEASE: Final = _cut_off.where(messages.c.leased_by.is_not(None))
_RELEASE_COLLECTORS: Final = delete(collectors)
_END: Final = _cut_off.where(messages.c.leased_by.like(bindparam("owner") + ":%"))
_POSTPONE: Final = (
    update(messages)
    .where(_the_message, _owed)
    .values(
        due_at=bindparam("due"),
        queued=False,
        cause=bindparam("why"),
        attempts=messages.c.attempts - bindparam("given_back"),
        unexpected=messages.c.unexpected + bindparam("surprises"),
        begun=ENDED_IN_DOUBT,
        **LEASE_ENDED,
    )
)
_GIVE_BACK: Final = (
    update(messages)
    .where(_the_message, _owed)
    .values(
        due_at=bindparam("due"),
        queued=False,
        cause=bindparam("why"),
        attempts=messages.c.attempts - 1,
        begun=messages.c.begun - _ATTEMPT,
        **LEASE_ENDED,
    )
)
_WAITED: Final = update(messages).where(_the_message, _owed).values(cause=None)
_HAND_OVER: Final = Prepared(
    update(messages)
    .where(_the_message, _owed)
    .values(
        state=State.HANDED_OVER,
        handed_over_at=bindparam("at"),
        due_at=None,
        begun=0,
        cause=None,
        **LEASE_ENDED,
    )
)


def _why_not(connection: Connection, id: MessageUuid, now: datetime) -> NotYours:
    row = connection.execute(_STANDING, {"message": id, "now": now}).one_or_none()
    if row is None:
        return NotYours("unknown")
    if row.state is not State.OWED:
        return NotYours("finished")
    if row.waits_for is not None:
        return NotYours("waiting")
    if row.is_paused:
        return NotYours("paused")
    return NotYours("put_off" if row.is_put_off else "taken")
