"""The pulse: how much happened in each minute, and when each authority's system last said yes.

Sums for pictures, added up from the journal as it is committed. They are no proof of anything;
a hub that is killed loses the last few seconds of them. The ledger is the proof.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from hub.store import tables

__all__ = ["Beats", "add_beats", "beats", "forget_beats", "last_successes", "minute_of"]

Beats = Mapping[tuple[int, str], int]
"""Counts by minute (since 1970, UTC) and name of the event."""


def minute_of(at: datetime) -> int:
    """The minute, counted from 1970, UTC."""
    return int(at.timestamp()) // 60


def add_beats(connection: Connection, counted: Beats, successes: Mapping[str, datetime]) -> None:
    """Add what was counted, and remember the latest success of each authority."""
    if counted:
        rows = [
            {"minute": minute, "event": event, "count": count}
            for (minute, event), count in sorted(counted.items())
        ]
        connection.execute(_ADD, rows)
    if successes:
        rows_of_successes = [{"authority": key, "at": at} for key, at in sorted(successes.items())]
        connection.execute(_SUCCEED, rows_of_successes)


def beats(
    connection: Connection, since: datetime, until: datetime, step: timedelta
) -> dict[str, list[int]]:
    """How often each event happened in each step of that time, the oldest first.

    `step` is a whole number of minutes.
    """
    first, minutes = minute_of(since), int(step.total_seconds()) // 60
    steps = max(1, -((first - minute_of(until)) // minutes))
    parameters = {"since": first, "until": first + steps * minutes, "step": minutes}
    counted: dict[str, list[int]] = {}
    for event, number, count in connection.execute(_BEATS, parameters):
        counted.setdefault(event, [0] * steps)[number] = count
    return counted


def last_successes(connection: Connection) -> dict[str, datetime]:
    """When the system of each authority last accepted a message."""
    return {key: at for key, at in connection.execute(select(tables.successes))}  # noqa: C416 - dict() would not know the types


def forget_beats(connection: Connection, before: datetime) -> int:
    """Forget the pulse of before that minute; says how many sums that were."""
    return connection.execute(_FORGET, {"before": minute_of(before)}).rowcount


_PULSE: Final = tables.pulse
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_BEAT: Final = insert(_PULSE)
_ADD: Final = _BEAT.on_conflict_do_update(
    index_elements=["minute", "event"], set_={"count": _PULSE.c.count + _BEAT.excluded.count}
)
_SUCCESS: Final = insert(tables.successes)
_SUCCEED: Final = _SUCCESS.on_conflict_do_update(
    index_elements=["authority"],
    set_={"at": _SUCCESS.excluded.at},
    where=_SUCCESS.excluded.at > tables.successes.c.at,
)
# Of whole numbers both databases make whole ones; SQLAlchemy's own `//` would call floor() on it.
_number: Final = (_PULSE.c.minute - bindparam("since")).op("/", precedence=8)(bindparam("step"))
_BEATS: Final = (
    select(
        _PULSE.c.event,
        _number.label("number"),
        func.sum(_PULSE.c.count),
    )
    .where(_PULSE.c.minute >= bindparam("since"), _PULSE.c.minute < bindparam("until"))
    .group_by(_PULSE.c.event, literal_column("number"))
)
_FORGET: Final = delete(_PULSE).where(_PULSE.c.minute < bindparam("before"))
