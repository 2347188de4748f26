"""Where each owed message is: with whom, in which queue, until when - or nowhere.

Nowhere is what no part of the hub would ever take up again. There is no way there that is known;
that is why it is looked for. Read from the index of what is unfinished, whatever lies beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    true,
)

from hub.model.identifiers import MessageUuid
from hub.store.messages import BLOCKING_STATES
from hub.store.tables import UNFINISHED, messages, parkings, pauses

__all__ = ["Astray", "Placing", "Whereabouts", "astray", "longest_published", "placings"]

_MOST_ASTRAY: Final = 1000
_OVERDUE: Final = timedelta(minutes=2)
"""DISPATCH looks every second: what is due for so long, nobody has looked at."""


class Whereabouts(StrEnum):
    """Where an owed message is. All but the last are as they should be."""

    HANDLER = "in a handler"
    QUEUE = "in a queue"
    DUE = "due, published at the next look"
    LATER = "due later"
    WAITING = "waits for the message before it"
    PAUSED = "its authority is paused"
    PARKED = "its authority or mailbox is parked"
    SYSTEM = "handed over, its receipt is awaited"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Placing:
    """How many messages are in one place. `owes` and `at` name the queue that they go through."""

    owes: str
    at: str
    where: Whereabouts
    count: int


@dataclass(frozen=True, slots=True)
class Astray:
    """A message that is nowhere; `why` says what is wrong with it and what to do."""

    message: MessageUuid
    why: str


def placings(connection: Connection, now: datetime) -> list[Placing]:
    """Every owed message, counted by its place."""
    rows = connection.execute(_PLACINGS, _parameters(now))
    return [
        Placing(owes or "", at or "", Whereabouts[place], count) for owes, at, place, count in rows
    ]


def astray(connection: Connection, now: datetime) -> list[Astray]:
    """The owed messages that are nowhere, up to a thousand of them."""
    rows = connection.execute(_ASTRAY, _parameters(now) | {"most": _MOST_ASTRAY})
    return [Astray(row.id, _why(row.reason, row.due_at)) for row in rows]


def longest_published(
    connection: Connection, owes: str, at: str, now: datetime, limit: int
) -> list[MessageUuid]:
    """Of the messages that should lie in one queue, those that were published the longest ago.

    What a queue no longer has, it has lost from its head: quorum queues are first in, first out.
    """
    statement = _PUBLISHED_DELIVERIES if owes == "deliver" else _PUBLISHED_LETTERS
    parameters = _parameters(now) | {"place": at, "most": limit}
    return list(connection.execute(statement, parameters).scalars())


def _parameters(now: datetime) -> dict[str, datetime]:
    return {"now": now, "long_ago": now - _OVERDUE}


_before: Final = messages.alias("before")
_at: Final = case((messages.c.owes == "deliver", messages.c.authority), else_=messages.c.provider)
_waits_in_vain: Final = ~(
    select(_before.c.id)
    .where(_before.c.id == messages.c.waits_for, _before.c.state.in_(BLOCKING_STATES))
    .exists()
)
_is_paused: Final = and_(
    messages.c.owes == "deliver", messages.c.authority.in_(select(pauses.c.authority))
)
_is_parked: Final = select(parkings.c.authority).where(parkings.c.authority == _at).exists()
_overdue: Final = and_(~messages.c.queued, messages.c.due_at < bindparam("long_ago"))
_reason: Final[ColumnElement[str | None]] = case(
    (messages.c.state == text("'handed_over'"), None),
    (_at.is_(None), literal("no_way")),
    (messages.c.waits_for.is_not(None), case((_waits_in_vain, literal("in_vain")), else_=None)),
    (messages.c.leased_until > bindparam("now"), None),
    (or_(_is_paused, _is_parked), None),
    (messages.c.due_at.is_(None), literal("never")),
    (_overdue, literal("overdue")),
    else_=None,
)
_place: Final = case(
    (_reason.is_not(None), literal(Whereabouts.NOWHERE.name)),
    (messages.c.state == text("'handed_over'"), literal(Whereabouts.SYSTEM.name)),
    (messages.c.waits_for.is_not(None), literal(Whereabouts.WAITING.name)),
    (messages.c.leased_until > bindparam("now"), literal(Whereabouts.HANDLER.name)),
    (_is_paused, literal(Whereabouts.PAUSED.name)),
    (_is_parked, literal(Whereabouts.PARKED.name)),
    (messages.c.queued, literal(Whereabouts.QUEUE.name)),
    (messages.c.due_at > bindparam("now"), literal(Whereabouts.LATER.name)),
    else_=literal(Whereabouts.DUE.name),
)
# As the index has it, so that it is seen to hold what is asked for.
_owed: Final = (text(UNFINISHED), messages.c.state != text("'dead'"))
_placed: Final = (
    select(messages.c.owes, _at.label("at"), _place.label("place")).where(*_owed).subquery()
)
_PLACINGS: Final = select(_placed.c.owes, _placed.c.at, _placed.c.place, func.count()).group_by(
    _placed.c.owes, _placed.c.at, _placed.c.place
)
_ASTRAY: Final = (
    select(messages.c.id, messages.c.due_at, _reason.label("reason"))
    .where(*_owed, _reason.is_not(None))
    # In no order: else SQLite goes through all messages by their ids, a million finished ones too.
    .limit(bindparam("most"))
)
_published: Final = (
    select(messages.c.id)
    .where(
        *_owed,
        messages.c.queued == true(),
        _place == Whereabouts.QUEUE.name,
    )
    .order_by(messages.c.due_at, messages.c.id)
    .limit(bindparam("most"))
)
# Said in the index's own words: behind a backlog of a million, all of it would be read for each of
# hundreds of queues.
_PUBLISHED_DELIVERIES: Final = _published.where(
    messages.c.owes == "deliver", messages.c.authority == bindparam("place")
)
_PUBLISHED_LETTERS: Final = _published.where(
    messages.c.owes == "mail", messages.c.provider == bindparam("place")
)


def _why(reason: str, due_at: datetime | None) -> str:
    match reason:
        case "no_way":
            return "it is owed, but not by which way: it names no mailbox, or owes nothing."
        case "in_vain":
            return "it waits for a message that is finished or gone, and nothing will free it."
        case "never":
            return "it is owed, but never due."
        case _:
            return (
                f"it is due since {due_at:%Y-%m-%d %H:%M} UTC and was not published: a hub has to"
                " run that reaches the broker."
            )
