"""The balances of a store in which nothing differs, by one look at journal and messages.

To find what differs takes three times as long (`hub.store.ledger`): of a million cases half a
minute. That nothing does, which is nearly always so, is found while the balances are added up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    text,
    type_coerce,
)

from hub.store.tables import ENTERED_OR_CONCLUDED, State, events, messages

__all__ = ["ARRIVED", "ENTRY", "MICROSECONDS_OF_A_DAY", "UNDER_WAY", "if_nothing_differs"]

ENTRY: Final = {"received": "down", "forwarded": "down", "interpreted": "up", "reminded": "up"}
"""The event that says a message came in, and the direction it says so for."""

UNDER_WAY: Final = (State.OWED, State.HANDED_OVER)
ARRIVED: Final = (State.ACCEPTED, State.PROVIDED, State.WITHHELD, State.NOTED)
MICROSECONDS_OF_A_DAY: Final = 86_400_000_000

_REPLAYED: Final = 0
_CONCLUSIONS: Final = {
    State.ACCEPTED: 1,
    State.PROVIDED: 2,
    State.WITHHELD: 3,
    State.DEAD: 4,
    State.DISCARDED: 5,
}
_ALL: Final = 8
"""More than there are: the last conclusion is the remainder of the largest id times this."""


def if_nothing_differs(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]] | None:
    """Authority, day, direction and sums, in the order of the days; None if anything differs.

    Or if there is nothing at all.
    """
    rows = connection.execute(_BALANCES).all()
    if not rows or any(row.wrong for row in rows):
        return None
    return rows if sum(row.known for row in rows) == rows[0].there else None


_enters: Final = events.c.name.in_(ENTRY)


def _by_state(codes: Mapping[State, int], column: ColumnElement[Any]) -> ColumnElement[int]:
    """Names of events are those of the states that they lead to."""
    return case({state.value: code for state, code in codes.items()}, value=column, else_=_REPLAYED)


# By case and message, as the index has them: each is in one case.
_told: Final = (
    select(
        events.c.case_id,
        events.c.message,
        func.min(case((_enters, type_coerce(events.c.at, BigInteger)))).label("at"),
        func.min(case((_enters, events.c.name))).label("name"),
        func.max(
            case((~_enters, events.c.id * _ALL + _by_state(_CONCLUSIONS, events.c.name)))
        ).label("last"),
    )
    .where(text(ENTERED_OR_CONCLUDED), events.c.message.is_not(None))
    .group_by(events.c.case_id, events.c.message)
    .cte("told")
)
_state: Final = messages.c.state
_is_accounted_for: Final = _state != State.NOTED  # what is for the hub itself is nobody's
_wrong: Final = or_(
    _state.is_(None),
    and_(
        _is_accounted_for,
        func.coalesce(_told.c.last % _ALL, _REPLAYED)
        != _by_state(_CONCLUSIONS, cast(_state, messages.c.authority.type)),
    ),
)
_day: Final = (_told.c.at // MICROSECONDS_OF_A_DAY).label("day")
_direction: Final = case(ENTRY, value=_told.c.name)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.sum(case((condition, 1), else_=0)), Integer)


_BALANCES: Final = (
    select(
        messages.c.authority,
        _day,
        _direction.label("direction"),
        cast(func.count(), Integer).label("came_in"),
        _count(_state.in_(ARRIVED)).label("accepted"),
        _count(_state.in_(UNDER_WAY)).label("owed"),
        _count(_state == State.DEAD).label("dead"),
        _count(_state == State.DISCARDED).label("discarded"),
        _count(_wrong).label("wrong"),
        _count(_is_accounted_for).label("known"),
        select(func.count())
        .select_from(messages)
        .where(_is_accounted_for)
        .scalar_subquery()
        .label("there"),
    )
    .select_from(_told)
    .outerjoin(messages, messages.c.id == _told.c.message)
    .where(_told.c.at.is_not(None))
    .group_by(messages.c.authority, _day, _direction)
    .order_by(_day, messages.c.authority, _direction)
)
