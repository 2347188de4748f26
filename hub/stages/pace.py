"""How fast dead letters are replayed: as fast as the hub takes them in, and no faster.

Never are more than a few at once that nobody has begun with: whatever comes in meanwhile, to the
same authority too, waits behind those few only. A fixed rate would be too slow for a fast hub, and
too fast for a slow one.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hub.model.identifiers import MessageUuid
from hub.store import SentAgain, Store, not_begun

__all__ = ["Pace"]

_AHEAD: Final = 20
"""Replays at once that nobody has begun with."""

_LOOK_EVERY: Final = timedelta(milliseconds=20)
_PATIENCE: Final = timedelta(seconds=3)
"""Then one that nobody begins with is no longer waited for: perhaps no hub is running."""


class Pace:
    """Knows what one replay has sent, and says when there is room for more."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._ahead: tuple[SentAgain, ...] = ()

    def sent(self, letter: UUID, row: MessageUuid | None) -> None:
        """A letter was sent on its way; `row` is its message, if that is known."""
        self._ahead += (SentAgain(letter, row, self._now()),)

    async def room(self, stop: asyncio.Event) -> None:
        """Return once another may be sent, or `stop` is set.

        Raises:
            StoreAway: nobody knows.
        """
        while len(self._ahead) >= _AHEAD and not stop.is_set():
            now = self._now()
            ahead = [each for each in self._ahead if now - each.at < _PATIENCE]
            self._ahead = await self._store.read(lambda c, a=ahead, n=now: not_begun(c, a, n))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            if len(self._ahead) >= _AHEAD:
                await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_EVERY.total_seconds()):
            await stop.wait()
