"""Authorities that a person has paused: nothing goes down to them until a person says so.

Not the parking of an authority whose endpoint is down: no probe ends a pause, and no success.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from hub.store import tables
from hub.store.audit import Act, audit

__all__ = ["Pause", "end_pause", "pause", "pauses"]


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, by whom, and why."""

    authority: str
    since: datetime
    actor: str
    reason: str


def pause(connection: Connection, new: Pause) -> bool:
    """Pause an authority; False if it is paused already, which stays as it was."""
    values = {
        "authority": new.authority,
        "since": new.since,
        "actor": new.actor,
        "reason": new.reason,
    }
    if connection.execute(_PAUSE, values).rowcount != 1:
        return False
    detail = {"reason": new.reason}
    audit(connection, Act(new.since, new.actor, "authority.pause", new.authority, detail))
    return True


def end_pause(connection: Connection, authority: str, actor: str, at: datetime) -> bool:
    """Let its messages go again; False if it was not paused."""
    if connection.execute(_END, {"authority": authority}).rowcount != 1:
        return False
    audit(connection, Act(at, actor, "authority.resume", authority))
    return True


def pauses(connection: Connection) -> list[Pause]:
    """Every paused authority, the longest paused first."""
    return [Pause(*row) for row in connection.execute(_ALL)]


_TABLE: Final = tables.pauses
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_PAUSE: Final = (
    insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["authority"])
    .execution_options(preserve_rowcount=True)  # else not known after an INSERT
)
_END: Final = delete(_TABLE).where(_TABLE.c.authority == bindparam("authority"))
_ALL: Final = select(_TABLE).order_by(_TABLE.c.since, _TABLE.c.authority)
