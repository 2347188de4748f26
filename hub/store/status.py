"""Health in one look: what is owed, what waits, what died, and whether a person is needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, literal_column, select

from hub.store import tables
from hub.store.ledger import ledger
from hub.store.parking import Parking, parkings
from hub.store.pauses import Pause, pauses
from hub.store.tables import messages

__all__ = ["Status", "needs", "status"]

PARKED_FOR_LONG: Final = timedelta(hours=1)
OWED_FOR_LONG: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the hub stands at one moment.

    `owed` and `oldest_owed_since` are of what the hub still has to do, `handed_over` and
    `oldest_handed_over_at` of what waits for the receipt of a system.
    """

    at: datetime
    owed: int
    oldest_owed_since: datetime | None
    handed_over: int
    oldest_handed_over_at: datetime | None
    parked: tuple[Parking, ...]
    paused: tuple[Pause, ...]
    dead: dict[str, int]
    balanced: bool


def status(connection: Connection, now: datetime) -> Status:
    """Take the look."""
    owed, since = connection.execute(_OWED).one()
    handed_over, handed_over_at = connection.execute(_HANDED_OVER).one()
    return Status(
        at=now,
        owed=owed,
        oldest_owed_since=since,
        handed_over=handed_over,
        oldest_handed_over_at=handed_over_at,
        parked=tuple(parkings(connection)),
        paused=tuple(pauses(connection)),
        dead={cause: count for cause, count in connection.execute(_DEAD)},  # noqa: C416 - dict() would not know the types
        balanced=ledger(connection).balanced,
    )


def needs(seen: Status) -> list[str]:
    """What a person has to look at, one sentence each; nothing if the hub helps itself."""
    said = []
    if dead := sum(seen.dead.values()):
        said.append(f"{dead} dead letters wait for a decision: hub dead list.")
    if not seen.balanced:
        said.append("The ledger does not balance: hub ledger --explain.")
    for parking in seen.parked:
        if seen.at - parking.since >= PARKED_FOR_LONG:
            said.append(
                f"Authority {parking.authority} cannot be reached since"
                f" {parking.since:%Y-%m-%d %H:%M} UTC ({parking.cause})."
            )
    if seen.oldest_owed_since and seen.at - seen.oldest_owed_since >= OWED_FOR_LONG:
        said.append(
            f"The oldest message is owed since {seen.oldest_owed_since:%Y-%m-%d %H:%M} UTC."
        )
    return said


_OWED: Final = select(func.count(), func.min(messages.c.owed_since)).where(
    messages.c.state == literal_column("'owed'")
)
_HANDED_OVER: Final = select(func.count(), func.min(messages.c.handed_over_at)).where(
    messages.c.state == literal_column("'handed_over'")
)
_DEAD: Final = (
    select(tables.dead_letters.c.cause, func.count().label("count"))
    .where(tables.dead_letters.c.state == "open")
    .group_by(tables.dead_letters.c.cause)
    .order_by(func.count().desc(), tables.dead_letters.c.cause)
)
