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
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)

from hub.store.messages import Owes
from hub.store.owed import DUE_COLUMNS, Due
from hub.store.tables import OWED_AND_FREE, UNFINISHED, messages, parkings, pauses

__all__ = ["NOT_HELD", "PLACE", "due", "overdue_places", "refill", "unpublished"]


def due(connection: Connection, now: datetime, limit: int, again: timedelta) -> list[Due]:
    """Take up to `limit` messages that lie in no queue, the longest due first.

    Left out are those that wait, that someone is at, deliveries to an authority that is paused,
    and those to an authority or a provider that is parked and not to be probed yet. What is given
    out counts as published; if that fails it is overdue at `now + again`.
    """
    parameters = {"now": now, "next": now + again, "most": limit}
    return [Due(*row) for row in connection.execute(_DUE, parameters)]


def overdue_places(connection: Connection, before: datetime) -> list[tuple[Owes, str]]:
    """Where published messages have not been taken since `before`: authorities and providers.

    Costs one look into an index for each authority that is owed anything, however much that is.
    """
    parameters = {"before": before, "now": before}
    authorities = connection.execute(_OVERDUE_AUTHORITIES, parameters).scalars()
    providers = connection.execute(_OVERDUE_PROVIDERS, parameters).scalars()
    return [*(("deliver", each) for each in authorities), *(("mail", each) for each in providers)]


def refill(
    connection: Connection,
    owes: Owes,
    place: str,
    before: datetime,
    limit: int,
    again: timedelta,
) -> list[Due]:
    """Take up to `limit` overdue messages of one place whose queue has run dry, the oldest first.

    Those of an authority are looked for among its own only: behind a backlog of a million, a look
    through whatever is due would read all of it for each authority.
    """
    parameters = {
        "place": place,
        "before": before,
        "now": before,
        "next": before + again,
        "most": limit,
    }
    statement = _REFILL_AUTHORITY if owes == "deliver" else _REFILL_PROVIDER
    return [Due(*row) for row in connection.execute(statement, parameters)]


def unpublished(connection: Connection, given_out: Iterable[Due], again_at: datetime) -> None:
    """Take back what was given out and could not be published: due again at `again_at`."""
    for each in given_out:
        connection.execute(_UNPUBLISHED, {"message": each.message, "next": again_at})


PLACE: Final = case(
    (messages.c.owes == literal_column("'deliver'"), messages.c.authority),
    else_=messages.c.provider,
)
"""Where a message goes: the key of an authority, or the name of a mailbox provider."""
_nobody_is_at_it: Final = or_(
    messages.c.leased_until.is_(None), messages.c.leased_until <= bindparam("now")
)
_not_parked: Final = ~(
    select(parkings.c.authority)
    .where(parkings.c.authority == PLACE, parkings.c.next_probe > bindparam("now"))
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
    messages.c.queued == true(),
    messages.c.due_at <= bindparam("before"),
    _nobody_is_at_it,
    *NOT_HELD,
)
# Said so that no database takes the index of what is due for it, which has no authority in front:
# behind a backlog of a million it would be read from its beginning for each of them.
_waits_for_nothing: Final = func.coalesce(messages.c.waits_for, literal_column("''")) == (
    literal_column("''")
)
_overdue_delivery: Final = and_(
    text(UNFINISHED),
    messages.c.owes == literal_column("'deliver'"),
    messages.c.state == literal_column("'owed'"),
    _waits_for_nothing,
    _overdue,
)
_overdue_letter: Final = and_(
    text(OWED_AND_FREE), messages.c.owes == literal_column("'mail'"), _overdue
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
_of_the_authority: Final = (
    select(messages.c.id)
    .where(_overdue_delivery, messages.c.authority == bindparam("place"))
    .order_by(messages.c.owed_since)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("of_the_authority")
)
_of_the_provider: Final = (
    select(messages.c.id)
    .where(_overdue_letter, messages.c.provider == bindparam("place"))
    .order_by(messages.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("of_the_provider")
)
_published: Final = update(messages).values(due_at=bindparam("next"), queued=True)
_DUE: Final = _published.where(messages.c.id.in_(select(_picked.c.id))).returning(*DUE_COLUMNS)
_REFILL_AUTHORITY: Final = _published.where(
    messages.c.id.in_(select(_of_the_authority.c.id))
).returning(*DUE_COLUMNS)
_REFILL_PROVIDER: Final = _published.where(
    messages.c.id.in_(select(_of_the_provider.c.id))
).returning(*DUE_COLUMNS)
_UNPUBLISHED: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), text(OWED_AND_FREE), messages.c.queued == true())
    .values(due_at=bindparam("next"), queued=False)
)
# The authorities that are owed anything: from one to the next through the index, not through all
# of their messages.
_next: Final = messages.alias("next")
_first: Final = (
    select(func.min(messages.c.authority).label("authority"))
    .where(text(UNFINISHED))
    .cte("owed_authorities", recursive=True)
)
_owed_authorities: Final = _first.union_all(
    select(
        select(func.min(_next.c.authority))
        .where(text(UNFINISHED), _next.c.authority > _first.c.authority)
        .scalar_subquery()
    ).where(_first.c.authority.is_not(None))
)
_OVERDUE_AUTHORITIES: Final = (
    select(_owed_authorities.c.authority)
    .where(
        select(messages.c.id)
        .where(_overdue_delivery, messages.c.authority == _owed_authorities.c.authority)
        .exists()
    )
    .order_by(_owed_authorities.c.authority)
)
_OVERDUE_PROVIDERS: Final = (
    select(messages.c.provider).where(_overdue_letter, messages.c.provider.is_not(None)).distinct()
)
