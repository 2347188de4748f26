"""How many messages are begun at once: enough to keep an adapter at work, and no more.

Hundreds of authorities are each given several messages side by side. Were all of them claimed as
they come, thousands would wait for one adapter with their leases running and their contents in
memory, and a hub that is to end would have to finish every one first. So they wait before they are
claimed, for each adapter apart: one that hangs keeps nobody else waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

__all__ = ["Line", "Place"]

_AT_ONCE: Final = 32
"""For one adapter. Its processes never wait for the store; and claims share their commits."""


class Place:
    """A place at the front, until it is left."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def leave(self) -> None:
        """Let the next one begin. Leaving twice is leaving once."""
        if self._places is not None:
            self._places.release()
            self._places = None


class Line:
    """`closed`: nobody who waits shall begin any more."""

    def __init__(self) -> None:
        self.closed = False
        self._places: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, adapter: str) -> AsyncIterator[Place]:
        """Wait for a place among those whom this adapter works for."""
        places = self._places.setdefault(adapter, asyncio.Semaphore(_AT_ONCE))
        await places.acquire()
        place = Place(places)
        try:
            yield place
        finally:
            place.leave()
