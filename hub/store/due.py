"""Which messages are due to be published: what DISPATCH asks for.

Whatever a crash left undone is still owed here. A message whose reference should still lie in
a queue is due only where that queue has run dry, so that a backlog is not doubled; all others
as soon as their time has come.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    false,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)

from hub.store.messages import Owes
from hub.store.owed import DUE_COLUMNS, Due
from hub.store.tables import OWED_AND_FREE, messages, parkings, pauses

__all__ = ["NOT_HELD", "due", "overdue_places", "refill", "unpublished"]


def due(connection: Connection, now: datetime, limit: int, again: timedelta) -> list[Due]:
    """Take up to `limit` messages that lie in no queue, the longest due first.

    Left out are those that wait, that someone is at, deliveries to an authority that is paused,
    and those to an authority or a provider that is parked and not to be probed yet. What is given
    out counts as published; if that fails it is overdue at `now + again`.
    """
    parameters = {"now": now, "next": now + again, "most": limit}
    return [Due(*row) for row in connection.execute(_DUE, parameters)]


def overdue_places(connection: Connection, before: datetime) -> list[tuple[Owes, str]]:
    """Where published messages have not been taken since `before`: authorities and providers."""
    rows = connection.execute(_OVERDUE, {"before": before, "now": before})
    return [(row.owes, row.place) for row in rows]


def refill(
    connection: Connection,
    owes: Owes,
    place: str,
    before: datetime,
    limit: int,
    again: timedelta,
) -> list[Due]:
    """Take up to `limit` overdue messages of one place whose queue has run dry."""
    parameters = {
        "wanted": owes,
        "place": place,
        "before": before,
        "now": before,
        "next": before + again,
        "most": limit,
    }
    return [Due(*row) for row in connection.execute(_REFILL, parameters)]


def unpublished(connection: Connection, given_out: Iterable[Due], again_at: datetime) -> None:
    """Take back what was given out and could not be published: due again at `again_at`."""
    for each in given_out:
        connection.execute(_UNPUBLISHED, {"message": each.message, "next": again_at})


_place: Final = case(
    (messages.c.owes == literal_column("'deliver'"), messages.c.authority),
    else_=messages.c.provider,
)
_nobody_is_at_it: Final = or_(
    messages.c.leased_until.is_(None), messages.c.leased_until <= bindparam("now")
)
_not_parked: Final = ~(
    select(parkings.c.authority)
    .where(parkings.c.authority == _place, parkings.c.next_probe > bindparam("now"))
    .exists()
)
_not_paused: Final = or_(
    messages.c.owes != literal_column("'deliver'"),
    messages.c.authority.not_in(select(pauses.c.authority)),
)
NOT_HELD: Final = (_not_parked, _not_paused)
"""What a query asks where nothing is meant that waits for its place to take anything; of `now`."""

_in_no_queue: Final = and_(
    text(OWED_AND_FREE),
    messages.c.queued == false(),
    messages.c.due_at <= bindparam("now"),
    _nobody_is_at_it,
    *NOT_HELD,
)
_overdue: Final = and_(
    text(OWED_AND_FREE),
    messages.c.queued == true(),
    messages.c.due_at <= bindparam("before"),
    _nobody_is_at_it,
    *NOT_HELD,
)

# Picked in a part of its own: PostgreSQL may run a subquery with SKIP LOCKED more than once.
_picked: Final = (
    select(messages.c.id)
    .where(_in_no_queue)
    .order_by(messages.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_picked_there: Final = (
    select(messages.c.id)
    .where(_overdue, messages.c.owes == bindparam("wanted"), _place == bindparam("place"))
    .order_by(messages.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("picked_there")
)
_published: Final = update(messages).values(due_at=bindparam("next"), queued=True)
_DUE: Final = _published.where(messages.c.id.in_(select(_picked.c.id))).returning(*DUE_COLUMNS)
_REFILL: Final = _published.where(messages.c.id.in_(select(_picked_there.c.id))).returning(
    *DUE_COLUMNS
)
_UNPUBLISHED: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), text(OWED_AND_FREE), messages.c.queued == true())
    .values(due_at=bindparam("next"), queued=False)
)
_OVERDUE: Final = (
    select(messages.c.owes, _place.label("place")).where(_overdue, _place.is_not(None)).distinct()
)
