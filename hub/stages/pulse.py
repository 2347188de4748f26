"""PULSE: adds up what the journal gets, for the pictures that operators look at.

Not a stage of the way: it watches the commits of this process and writes sums every few
seconds. What it has not written yet is lost with the process, and nothing depends on it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.model.failure import HubFailure
from hub.store import Committed, Connection, Event, Store, add_beats, forget_beats, minute_of

__all__ = ["Pulse"]

_EVERY: Final = timedelta(seconds=5)
_KEPT: Final = timedelta(days=8)
"""The longest picture shows a week."""

_COUNTED: Final = frozenset(
    {"received", "accepted", "interpreted", "provided", "postponed", "parked", "dead"}
)

_log = structlog.get_logger()


class Pulse:
    """Counts events by minute, and remembers when each authority's system last accepted one."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._counted: Counter[tuple[int, str]] = Counter()
        self._successes: dict[str, datetime] = {}
        store.watchers.append(self.committed)

    def committed(self, committed: Committed) -> None:
        """Count what the journal got by a commit."""
        for event in committed.events:
            self._count(event)

    async def run(self) -> None:
        """Write what was counted every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY.total_seconds())
            try:
                await self.write()
            except HubFailure as failure:
                _log.warning("pulse.failed", cause=failure.cause)

    async def write(self) -> None:
        """Write what was counted since the last time, and forget what is too old to be shown."""
        counted, self._counted = self._counted, Counter()
        successes, self._successes = self._successes, {}
        if not counted and not successes:
            return
        before = self._now() - _KEPT

        def unit(connection: Connection) -> None:
            add_beats(connection, counted, successes)
            forget_beats(connection, before)

        try:
            await self._store.run(unit)
        except HubFailure:
            # Perhaps it was written all the same: a picture may count twice, never too little.
            self._counted.update(counted)
            self._successes = successes | self._successes
            raise

    def _count(self, event: Event) -> None:
        if event.name in _COUNTED:
            self._counted[minute_of(event.at), event.name] += 1
        if event.name == "accepted" and event.authority is not None:
            self._successes[event.authority] = event.at
