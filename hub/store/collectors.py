"""Who collects: of several hubs on one store, one asks each system for its documents.

A hub keeps an authority for as long as it says so again in time; another takes it over after that.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, or_
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import AuthorityKey
from hub.store.tables import collectors

__all__ = ["keep_collecting", "stop_collecting"]


def keep_collecting(
    connection: Connection,
    authorities: Iterable[AuthorityKey],
    hub: str,
    now: datetime,
    until: datetime,
) -> set[AuthorityKey]:
    """Those of the authorities that are this hub's until then: its own, and whose nobody's are."""
    mine = set()
    for authority in sorted(authorities):  # in one order, lest two hubs wait for each other
        parameters = {"authority": authority, "hub": hub, "until": until, "at": now, "me": hub}
        if connection.execute(_KEEP, parameters).rowcount == 1:
            mine.add(authority)
    return mine


def stop_collecting(connection: Connection, hub: str) -> None:
    """Leave everything to others at once."""
    connection.execute(_STOP, {"me": hub})


# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_NEW: Final = insert(collectors)
_KEEP: Final = _NEW.on_conflict_do_update(
    index_elements=["authority"],
    set_={"hub": _NEW.excluded.hub, "until": _NEW.excluded.until},
    where=or_(
        collectors.c.hub == bindparam("me"),
        collectors.c.until <= bindparam("at", type_=collectors.c.until.type),
    ),
).execution_options(preserve_rowcount=True)  # else not known after an INSERT
_STOP: Final = delete(collectors).where(collectors.c.hub == bindparam("me"))
