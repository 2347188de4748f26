"""Rewrites the database, so that nothing that was deleted or replaced is left in its files.

A database marks what is deleted as free and overwrites it some day. Where it must be gone now,
after a person was erased or a key was changed, all that is still needed is written anew and the
old pages are given back. Whoever else writes waits as long as that takes.
"""

import time
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from hub.store import tables
from hub.store.away import StoreAway, telling_store_away
from hub.store.sealed import SEALED_PLACES

__all__ = ["compact"]

_TRIES: Final = 50
_PAUSE: Final = 0.2
"""Seconds between two tries while others read; together as long as others wait for a lock."""


def compact(engine: Engine) -> None:
    """Write the tables that have content anew, and on SQLite its log into them.

    PostgreSQL keeps copies in its write-ahead log until it reuses or removes those files: a
    checkpoint, made if this user may, sets them free for that.

    Raises:
        StoreAway: others read or write without a pause; nothing was lost, try again.
    """
    with telling_store_away():
        if engine.dialect.name == "sqlite":
            _compact_sqlite(engine)
        else:
            _compact_postgresql(engine)


def _compact_sqlite(engine: Engine) -> None:
    pooled = engine.raw_connection()  # no transaction: VACUUM begins its own
    try:
        driver: Any = pooled.dbapi_connection
        driver.execute("VACUUM")
        for _ in range(_TRIES):
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return
            time.sleep(_PAUSE)
    finally:
        pooled.close()
    raise StoreAway("others read without a pause, so that its log cannot be emptied")


def _compact_postgresql(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _WITH_CONTENT:
            connection.exec_driver_sql(f"VACUUM FULL {table.name}")
        try:
            connection.exec_driver_sql("CHECKPOINT")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != _NOT_ALLOWED:
                raise


_WITH_CONTENT: Final = (
    *(place.table for place in SEALED_PLACES),
    tables.steps,
    tables.sendings,
)
"""The others have ids only, and the largest is among them."""

_NOT_ALLOWED: Final = "42501"
