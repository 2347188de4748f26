"""Senders who make up for what a broker had confirmed to them and then lost with its disk.

The hub answers for what it accepted; what lay in the broker before that was nobody's but the
broker's. An online service asks which of its messages the hub knows and sends the others again,
and a vendor does the same with its updates: as they were, under the same ids.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import aiohttp

from hub.sandbox.applicants import Applicants
from hub.sandbox.books import SystemBook
from hub.sandbox.faults.flow import Flow
from hub.sandbox.observer import Observer

__all__ = ["MakingUp"]

_LOOK_EVERY: Final = 1.0
_LOOKS: Final = 3
"""How often the same has to be missing: what the hub has in hand is still being committed."""


class MakingUp:
    """All senders of one world. `resent`: how many updates the systems sent again."""

    def __init__(
        self,
        flow: Flow,
        applicants: Applicants,
        observer: Observer,
        book_urls: Sequence[str],
    ) -> None:
        self._flow = flow
        self._applicants = applicants
        self._observer = observer
        self._book_urls = book_urls
        self.resent = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Let something be lost in the block; nobody begins to send until it is made up for."""
        async with self._applicants.holding_back():
            yield
            lost = await self._lost(datetime.now(UTC))
            await self._applicants.send_again(lost)
        async with aiohttp.ClientSession() as session:
            for url in self._book_urls:
                book = await _book(session, url)
                again = [str(u.uuid) for u in book.updates if u.uuid in lost]
                self.resent += len(again)
                await session.post(url.replace("/book", "/again"), json=again)

    async def _lost(self, since: datetime) -> set[UUID]:
        """What had been sent by then and is not known for some time."""
        lost, looks = await self._unknown(since), 0
        while lost and looks < _LOOKS:
            await asyncio.sleep(_LOOK_EVERY)
            still = lost & await self._unknown(since)
            looks = looks + 1 if still == lost else 0
            lost = still
        return lost

    async def _unknown(self, since: datetime) -> set[UUID]:
        known = await self._observer.known(sample.case for sample in self._flow.samples)
        sent: set[UUID] = {one.id for one in self._applicants.confirmed if one.at <= since}
        async with aiohttp.ClientSession() as session:
            for url in self._book_urls:
                book = await _book(session, url)
                sent |= {u.uuid for u in book.updates if u.sent_at and u.sent_at <= since}
        return sent - known


async def _book(session: aiohttp.ClientSession, url: str) -> SystemBook:
    async with session.get(url) as response:
        return SystemBook.model_validate_json(await response.read())
