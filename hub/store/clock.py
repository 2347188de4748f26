"""The time by which all hubs on one database go: the database's own.

Machines disagree by minutes, and hubs compare times that others wrote: until when a message is
another's, when something is due, what was said first. Between two looks at the database's clock
the time goes on steadily, whatever is done to this machine's. On SQLite there is one hub, and its
own clock is the only one.
"""

import time
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
    """Tells the time: the database's once it was asked, else this machine's."""

    def __init__(self, local: Callable[[], datetime]) -> None:
        """`local`: this machine's clock."""
        self._now = local

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._now()

    async def set_by(self, store: StoreReader) -> None:
        """Ask the database for its time.

        Raises:
            StoreAway: the database cannot be read; the clock goes on as it was.
        """
        database_time = await store.read(_steady_time)
        if database_time is None:
            return
        ahead = database_time() - self._now()
        if abs(ahead) >= _REMARKABLE:
            _log.warning("clock.differs", database_is_ahead_by=round(ahead.total_seconds(), 1))
        if abs(ahead) > _UNNOTICED:
            self._now = database_time


_TIME: Final = select(func.clock_timestamp())


def _steady_time(connection: Connection) -> Callable[[], datetime] | None:
    """What gives the database's time from now on; None if its clock is this machine's."""
    if connection.dialect.name != "postgresql":
        return None
    before = time.monotonic()
    there: datetime = connection.execute(_TIME).scalar_one().astimezone(UTC)
    asked = (before + time.monotonic()) / 2
    return lambda: there + timedelta(seconds=time.monotonic() - asked)
