"""What is away: authorities whose endpoint is down, and providers of mailboxes.

Their messages wait, and no attempt is burnt. A provider's name begins with a letter and an
authority's key with a digit, so both stand in one table, in the column `authority`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.store import tables
from hub.store.audit import Act, audit

__all__ = ["Parking", "park", "parkings", "probe_now", "unpark"]


@dataclass(frozen=True, slots=True)
class Parking:
    """Since when, why, after how many failed probes, and when the next one is due.

    `authority` is the key of an authority or the name of a provider.
    """

    authority: str
    since: datetime
    next_probe: datetime
    failures: int
    cause: str


def park(
    connection: Connection, authority: str, cause: str, now: datetime, next_probe: datetime
) -> Parking:
    """Park an authority or a provider, or count one more failure of one that is parked already."""
    values = {"authority": authority, "since": now, "next_probe": next_probe, "cause": cause}
    return Parking(*connection.execute(_PARK, values).one())


def unpark(connection: Connection, authority: str) -> bool:
    """Let its messages go again; False if it was not parked."""
    return connection.execute(_UNPARK, {"authority": authority}).rowcount == 1


def probe_now(connection: Connection, authority: str, actor: str, at: datetime) -> bool:
    """Have a parked authority probed at once, as a person asked; False if it is not parked."""
    parameters = {"authority_": authority, "now": at}
    if connection.execute(_PROBE, parameters).rowcount != 1:
        return False
    audit(connection, Act(at, actor, "authority.probe", authority))
    return True


def parkings(connection: Connection) -> list[Parking]:
    """Everything that is parked, the longest parked first."""
    return [Parking(*row) for row in connection.execute(_ALL)]


_PARKINGS: Final = tables.parkings
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_NEW: Final = insert(_PARKINGS).values(failures=1)
_PARK: Final = _NEW.on_conflict_do_update(
    index_elements=["authority"],
    set_={
        "failures": _PARKINGS.c.failures + 1,
        "next_probe": _NEW.excluded.next_probe,
        "cause": _NEW.excluded.cause,
    },
).returning(_PARKINGS)
_PROBE: Final = (
    update(_PARKINGS)
    .where(_PARKINGS.c.authority == bindparam("authority_"))
    .values(next_probe=bindparam("now"))
)
_UNPARK: Final = delete(_PARKINGS).where(_PARKINGS.c.authority == bindparam("authority"))
_ALL: Final = select(_PARKINGS).order_by(_PARKINGS.c.since, _PARKINGS.c.authority)
