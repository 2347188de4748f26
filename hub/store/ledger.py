"""The ledger: the proof that what came in was accepted, is owed, is dead or was discarded.

Double entry: what came in is counted from the journal, where it stands from the messages. Both
are written in one unit, so a row that vanished, that nobody saw come in, or whose state was
changed without the journal, is a difference, and named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Text,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    type_coerce,
    union_all,
)

from hub.store.balanced import (
    ARRIVED,
    ENTRY,
    MICROSECONDS_OF_A_DAY,
    UNDER_WAY,
    if_nothing_differs,
)
from hub.store.tables import ENTERED_OR_CONCLUDED, State, dead_letters, events, messages

__all__ = ["Balance", "Ledger", "Sums", "ledger"]

_MOST_DIFFERENCES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Counts of messages. `accepted` is whatever reached where it was meant to go."""

    came_in: int
    accepted: int
    owed: int
    dead: int
    discarded: int

    @property
    def difference(self) -> int:
        """Messages that came in and stand nowhere; negative: that nobody saw come in."""
        return self.came_in - self.accepted - self.owed - self.dead - self.discarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance(Sums):
    """One authority, one UTC day, one direction."""

    authority: str
    day: date
    direction: Literal["down", "up"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All balances, their totals, and every single message that does not add up.

    `refused_at_the_door` counts dead letters that never became a message, not even by a replay.
    `differences` stops at a thousand.
    """

    balances: tuple[Balance, ...]
    totals: Sums
    refused_at_the_door: int
    differences: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether nothing is missing and nothing came from nowhere."""
        return not self.differences and not any(b.difference for b in self.balances)


def ledger(connection: Connection) -> Ledger:
    """Draw up the ledger over everything the store knows."""
    rows = if_nothing_differs(connection)
    differences: tuple[str, ...] = ()
    if rows is None:
        rows = connection.execute(_BALANCES).all()
        differences = tuple(_sentence(row) for row in connection.execute(_DIFFERENCES))
    balances = _balances(rows)
    return Ledger(
        balances=balances,
        totals=Sums(**{name: sum(getattr(each, name) for each in balances) for name in _SUMS}),
        refused_at_the_door=connection.execute(_AT_THE_DOOR).scalar_one(),
        differences=differences,
    )


_Row = Row[*tuple[Any, ...]]

_EPOCH: Final = date(1970, 1, 1)
_SUMS: Final = ("came_in", "accepted", "owed", "dead", "discarded")

_of_the_ledger: Final = (text(ENTERED_OR_CONCLUDED), events.c.message.is_not(None))
_entered: Final = (
    select(
        events.c.case_id,
        events.c.message,
        func.min(events.c.at).label("at"),
        func.min(events.c.name).label("name"),
        func.min(events.c.authority).label("authority"),
    )
    .where(*_of_the_ledger, events.c.name.in_(ENTRY))
    .group_by(events.c.case_id, events.c.message)
    .cte("entered")
)
# Seen from the journal, then from the rows that the journal does not know. NOTED messages may
# do without an entry: what is for the hub itself is nobody's to account for.
_lines: Final = union_all(
    select(
        _entered.c.case_id,
        _entered.c.message,
        func.coalesce(messages.c.authority, _entered.c.authority, "unknown").label("authority"),
        type_coerce(_entered.c.at, BigInteger).label("at"),
        case(ENTRY, value=_entered.c.name).label("direction"),
        literal(1).label("came_in"),
        messages.c.state,
    )
    .select_from(_entered)
    .outerjoin(messages, messages.c.id == _entered.c.message),
    select(
        messages.c.case_id,
        messages.c.id,
        messages.c.authority,
        type_coerce(messages.c.created_at, BigInteger),
        messages.c.direction,
        literal(0),
        messages.c.state,
    )
    .outerjoin(_entered, _entered.c.message == messages.c.id)
    .where(_entered.c.message.is_(None), messages.c.state != State.NOTED),
).cte("lines")


def _count(*states: State) -> ColumnElement[int]:
    return cast(func.sum(case((_lines.c.state.in_(states), 1), else_=0)), Integer)


_day: Final = (_lines.c.at // MICROSECONDS_OF_A_DAY).label("day")
_BALANCES: Final = (
    select(
        _lines.c.authority,
        _day,
        _lines.c.direction,
        cast(func.sum(_lines.c.came_in), Integer).label("came_in"),
        _count(*ARRIVED).label("accepted"),
        _count(*UNDER_WAY).label("owed"),
        _count(State.DEAD).label("dead"),
        _count(State.DISCARDED).label("discarded"),
    )
    .group_by(_lines.c.authority, _day, _lines.c.direction)
    .order_by(_day, _lines.c.authority, _lines.c.direction)
)
# One look at the index for each message: joined, SQLite would compare each with all others.
_conclusion: Final = (
    select(events.c.name)
    .where(
        text(ENTERED_OR_CONCLUDED),
        events.c.case_id == _lines.c.case_id,
        events.c.message == _lines.c.message,
        events.c.name.not_in(ENTRY),
    )
    .order_by(events.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_told: Final = select(_lines, _conclusion.label("conclusion")).cte("told")
_stands_as_told: Final = case(
    (_told.c.state == State.NOTED, true()),
    (
        func.coalesce(_told.c.conclusion, "replayed") == "replayed",
        _told.c.state.in_(UNDER_WAY),
    ),
    else_=cast(_told.c.state, Text) == _told.c.conclusion,  # their names are the same
)
_DIFFERENCES: Final = (
    select(_told.c.message, _told.c.came_in, _told.c.state, _told.c.conclusion)
    .where(or_(_told.c.state.is_(None), _told.c.came_in == 0, not_(_stands_as_told)))
    .order_by(_told.c.at, _told.c.message)
    .limit(_MOST_DIFFERENCES)
)
_AT_THE_DOOR: Final = (
    select(func.count())
    .select_from(dead_letters)
    .outerjoin(messages, messages.c.id == dead_letters.c.message)
    .where(messages.c.id.is_(None), dead_letters.c.passed_at.is_(None))
)


def _balances(rows: Iterable[_Row]) -> tuple[Balance, ...]:
    days: dict[int, date] = {}  # a year has some hundred thousand balances
    return tuple(
        Balance(
            authority=row.authority,
            day=days.get(row.day) or days.setdefault(row.day, _EPOCH + timedelta(days=row.day)),
            direction=row.direction,
            came_in=row.came_in,
            accepted=row.accepted,
            owed=row.owed,
            dead=row.dead,
            discarded=row.discarded,
        )
        for row in rows
    )


def _sentence(row: _Row) -> str:
    if row.state is None:
        return f"message {row.message} came in but has no row any more"
    if not row.came_in:
        return f"message {row.message} is {row.state}, but the journal does not know it came in"
    told = row.conclusion or "nothing that ended it"
    return f"message {row.message} is {row.state}, but the journal last says {told}"
