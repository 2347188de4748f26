"""BOOKKEEPING: draws up the ledger again and again, so that a difference is seen unasked.

Not a stage of the way: it reads only, beside the stages, and rests much longer than it works.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.model.failure import HubFailure
from hub.store import Ledger, Store, ledger

__all__ = ["Bookkeeping", "DrawnUp"]

_EVERY: Final = timedelta(minutes=5)
_REST: Final = 20
"""How many times longer than the last drawing up the rest is, at least: 1 % of one core."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """The ledger as it stood at `at`."""

    at: datetime
    ledger: Ledger


class Bookkeeping:
    """Keeps the last ledger it drew up in `last`; None until it drew up the first."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.last: DrawnUp | None = None

    async def run(self) -> None:
        """Draw up the ledger every few minutes, until cancelled."""
        while True:
            began = self._now()
            try:
                await self.draw_up()
            except HubFailure as failure:
                _log.warning("ledger.failed", cause=failure.cause)
            rest = max(_EVERY, _REST * (self._now() - began))
            await asyncio.sleep(rest.total_seconds())

    async def draw_up(self) -> None:
        """Draw it up now."""
        at = self._now()
        drawn = await self._store.read(ledger)
        self.last = DrawnUp(at, drawn)
        if not drawn.balanced:
            _log.error("ledger.unbalanced", differences=drawn.differences[:10])
