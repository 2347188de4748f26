"""What is away: authorities whose endpoint is down, and providers of mailboxes.

Their messages wait, and no attempt is burnt. A provider's name begins with a letter and an
authority's key with a digit, so both stand in one table, in the column `authority`. Authorities
that were parked together, because their systems are reached at one address, are probed together:
they are known by having one cause and, to the microsecond, one next probe.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.store import tables
from hub.store.audit import Act, audit
from hub.store.prepared import Prepared

__all__ = [
    "Parking",
    "keep_parked",
    "park",
    "park_along",
    "parking_of",
    "parkings",
    "probe_now",
    "set_next_probe",
    "unpark",
    "unpark_along",
]


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

    def state(self, now: datetime) -> Literal["parked", "probing"]:
        """`probing`: the next message that comes is let through, to see whether it is back."""
        return "probing" if self.next_probe <= now else "parked"


def park(
    connection: Connection, authority: str, cause: str, now: datetime, next_probe: datetime
) -> Parking:
    """Park an authority or a provider, or count one more failure of one that is parked already."""
    values = {"authority": authority, "since": now, "next_probe": next_probe, "cause": cause}
    return Parking(*connection.execute(_PARK, values).one())


def park_along(
    connection: Connection, authorities: Iterable[str], parking: Parking, now: datetime
) -> None:
    """Park others together with one that has just been parked; who is parked already stays so."""
    rows = [
        {
            "authority": each,
            "since": now,
            "next_probe": parking.next_probe,
            "cause": parking.cause,
        }
        for each in authorities
    ]
    if rows:
        connection.execute(_PARK_ALONG, rows)


def parking_of(connection: Connection, authority: str) -> Parking | None:
    """How it is parked; None if it is not."""
    row = _OF_ONE.row(connection, {"authority_": authority})
    return None if row is None else Parking(*row)


def set_next_probe(connection: Connection, parking: Parking, at: datetime) -> bool:
    """Set when it and those parked together with it are probed; False if another did meanwhile."""
    parameters = _together(parking) | {"at": at}
    moved = connection.execute(_SET_NEXT_PROBE, parameters).scalars().all()
    return parking.authority in moved


def keep_parked(connection: Connection, parking: Parking, cause: str, next_probe: datetime) -> None:
    """Count one more failed probe for it and those parked together with it."""
    parameters = _together(parking) | {"at": next_probe, "cause_now": cause}
    connection.execute(_KEEP_PARKED, parameters)


def unpark_along(connection: Connection, parking: Parking) -> None:
    """Let the messages of those go again that were parked together with it."""
    connection.execute(_UNPARK_ALONG, _together(parking) | {"authority_": parking.authority})


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


def _together(parking: Parking) -> dict[str, Any]:
    return {"cause_then": parking.cause, "probe_then": parking.next_probe}


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
_PARK_ALONG: Final = _NEW.on_conflict_do_nothing(index_elements=["authority"])
_OF_ONE: Final = Prepared(select(_PARKINGS).where(_PARKINGS.c.authority == bindparam("authority_")))
_parked_together: Final = (
    _PARKINGS.c.cause == bindparam("cause_then"),
    _PARKINGS.c.next_probe == bindparam("probe_then"),
)
_SET_NEXT_PROBE: Final = (
    update(_PARKINGS)
    .where(*_parked_together)
    .values(next_probe=bindparam("at"))
    .returning(_PARKINGS.c.authority)
)
_KEEP_PARKED: Final = (
    update(_PARKINGS)
    .where(*_parked_together)
    .values(
        next_probe=bindparam("at"),
        cause=bindparam("cause_now"),
        failures=_PARKINGS.c.failures + 1,
    )
)
_UNPARK_ALONG: Final = delete(_PARKINGS).where(
    *_parked_together, _PARKINGS.c.authority != bindparam("authority_")
)
_PROBE: Final = (
    update(_PARKINGS)
    .where(_PARKINGS.c.authority == bindparam("authority_"))
    .values(next_probe=bindparam("now"))
)
_UNPARK: Final = delete(_PARKINGS).where(_PARKINGS.c.authority == bindparam("authority"))
_ALL: Final = select(_PARKINGS).order_by(_PARKINGS.c.since, _PARKINGS.c.authority)
