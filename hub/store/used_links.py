"""One-time links: whoever comes second with one is not let in."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from hub.store.tables import used_links

__all__ = ["use_link"]

_REMEMBERED: Final = timedelta(days=1)
"""Longer than any link lives."""


def use_link(connection: Connection, nonce: str, now: datetime) -> bool:
    """Use a link; False if somebody did before."""
    connection.execute(_FORGET, {"before": now - _REMEMBERED})
    return connection.execute(_USE, {"nonce": nonce, "at": now}).rowcount == 1


_FORGET: Final = delete(used_links).where(used_links.c.at < bindparam("before"))
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_USE: Final = (
    insert(used_links)
    .on_conflict_do_nothing(index_elements=["nonce"])
    .execution_options(preserve_rowcount=True)  # else not known after an INSERT
)
