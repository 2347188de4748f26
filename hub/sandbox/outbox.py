"""Sends the simulated system's updates to the hub, in order within each application.

What is owed stands in the book, so it survives the end of the hub and of the system itself;
only a clear no of the hub ends an update that was not taken.
"""

import asyncio
from typing import Final

import aiohttp

from hub.sandbox.book import Book
from hub.sandbox.outgoing import Outgoing

__all__ = ["Outbox"]

_AT_ONCE: Final = 8
_SHORTEST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
_NEVER: Final = frozenset({400, 413, 415, 422})
"""Statuses that say: this update as it is will not be taken, now or later."""


class Outbox:
    """Owed updates on their way to `<returns_url>/<authority>`."""

    def __init__(self, book: Book, returns_url: str, token: str) -> None:
        self._book = book
        self._url = returns_url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/xml; charset=utf-8",
        }
        self._more = asyncio.Event()

    def wake(self) -> None:
        """Say that something new is owed."""
        self._more.set()

    async def run(self) -> None:
        """Send until cancelled."""
        pause = _SHORTEST_PAUSE
        async with aiohttp.ClientSession(timeout=_TIMEOUT, headers=self._headers) as session:
            while True:
                self._more.clear()
                owed = await asyncio.to_thread(self._book.next_updates, _AT_ONCE)
                if not owed:
                    await self._more.wait()
                elif all(await asyncio.gather(*(self._send(session, one) for one in owed))):
                    pause = _SHORTEST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)

    async def _send(self, session: aiohttp.ClientSession, update: Outgoing) -> bool:
        """Whether the update is done with."""
        url = f"{self._url}/{update.authority}"
        try:
            async with session.post(url, data=update.body) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        return await asyncio.to_thread(self._note, update, status)

    def _note(self, update: Outgoing, status: int) -> bool:
        if 200 <= status < 300:
            self._book.sent(update.uuid)
        elif status in _NEVER:
            self._book.refused(update.uuid, status)
        else:
            self._book.tried(update.uuid)
            return False
        return True
