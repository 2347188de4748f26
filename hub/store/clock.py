"""The time by which all hubs on one database go: the database's own.

Machines disagree by minutes, and hubs compare times that others wrote: until when a message is
another's, when something is due, what was said first. On SQLite there is one hub, and its own
clock is the only one.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from hub.store.engine import StoreReader

__all__ = ["Clock"]

_UNNOTICED: Final = timedelta(milliseconds=50)
"""Less may be the time that asking takes, and is left as it is: time should not go back."""

_REMARKABLE: Final = timedelta(seconds=5)

_log = structlog.get_logger()


class Clock:
    """Tells the time: this machine's, corrected by what it was found to be wrong."""

    def __init__(self, local: Callable[[], datetime]) -> None:
        """`local`: this machine's clock."""
        self._local = local
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The database's time, as far as it is known."""
        return self._local() + self._ahead

    async def set_by(self, store: StoreReader) -> None:
        """Ask the database for its time.

        Raises:
            StoreAway: the database cannot be read; the clock goes on as it was.
        """
        ahead = await store.read(self._compare)
        if ahead is None or abs(ahead - self._ahead) <= _UNNOTICED:
            return
        if abs(ahead - self._ahead) >= _REMARKABLE:
            _log.warning("clock.differs", database_is_ahead_by=round(ahead.total_seconds(), 1))
        self._ahead = ahead

    def _compare(self, connection: Connection) -> timedelta | None:
        if connection.dialect.name != "postgresql":
            return None
        before = self._local()
        there: datetime = connection.execute(_TIME).scalar_one()
        return there.astimezone(UTC) - (before + (self._local() - before) / 2)


_TIME: Final = select(func.clock_timestamp())
