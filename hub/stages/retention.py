"""Deletes content that has served: OZG § 8a, data are processed for their purpose only.

Content is kept until accepted or provided and for the retention time after that, then deleted;
a case's documents go with the last content of the case. The journal stays: it has no content.
Documents put to the hub for a submission that never came go after a day.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.model.failure import HubFailure
from hub.store import Store, cases_that_served, forget_content

__all__ = ["Retention"]

_EVERY: Final = timedelta(minutes=10)
_STAGED: Final = timedelta(days=1)

_log = structlog.get_logger()


class Retention:
    """Runs beside the stages."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def run(self) -> None:
        """Look every ten minutes until cancelled."""
        while True:
            try:
                await self.look()
            except HubFailure as failure:
                _log.warning("retention.failed", cause=failure.cause)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> None:
        """Delete what has served its time."""
        now = self._now()
        # The files first: if this is interrupted between the two, it is simply done again.
        for case in await self._store.read(lambda c: cases_that_served(c, now)):
            await self._store.documents.forget(case)
        await self._store.run(lambda c: forget_content(c, now))
        await self._store.documents.sweep(now - _STAGED)
