"""The routing table in force: read from its file, and read again when the file changes.

A broken file leaves the old table in force; what is wrong with it is shown by health.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from hub.adapter import Adapter
from hub.routing import RoutingError, RoutingTable

__all__ = ["Routes"]

_log = structlog.get_logger()


class Routes:
    """Holds the table in force. Raises RoutingError if the first one is broken."""

    def __init__(self, path: Path, adapters: Mapping[str, Adapter]) -> None:
        self._path = path
        self._adapters = adapters
        self._seen = _stamp(path)
        self.table = self._load()
        self.error: RoutingError | None = None

    def in_force(self) -> RoutingTable:
        """The table that holds now."""
        return self.table

    def look(self) -> bool:
        """Read the file again if it changed; return whether another table is in force now."""
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            self.table = self._load()
        except RoutingError as error:
            self.error = error
            _log.warning("routing.broken", problems=str(error).splitlines())
            return False
        self.error = None
        _log.info("routing.reloaded", path=str(self._path))
        return True

    def _load(self) -> RoutingTable:
        today = datetime.now(UTC).date()
        return RoutingTable.load(self._path, self._adapters, since=today)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
