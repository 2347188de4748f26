"""COLLECT: fetches what systems have left for the hub, and puts it on the return queue.

Outside party: the system. A document is confirmed to its system only when the broker has it,
so that a crash in between brings it twice, never not at all; INTERPRET knows a duplicate. Of
several hubs on one store one collects from each system, as long as it is there.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from hub.broker import RETURNS, Publisher
from hub.model.failure import HubFailure
from hub.model.identifiers import AuthorityKey
from hub.routing import Endpoint, RoutingTable
from hub.stages.admission import SPEAKER
from hub.store import Store, cursor_of, keep_collecting, keep_cursor, stop_collecting
from hub.transport import Collecting

__all__ = ["Collect"]

_EVERY: Final = timedelta(seconds=2)
_AFTER_FAILURE: Final = timedelta(seconds=15)
_HELD: Final = timedelta(seconds=30)
"""How long a system waits for another hub when the one that collected from it is gone."""
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

_log = structlog.get_logger()


class Collect:
    """Looks at every endpoint whose transport collects, side by side, one look at a time each."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        transports: Mapping[str, Collecting],
        owner: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._table = table
        self._transports = transports
        self._owner = owner
        self._now = now
        self._mine_until: dict[AuthorityKey, datetime] = {}
        self._hold_at = _NEVER

    async def run(self) -> None:
        """Keep one task for each endpoint in the table in force, until cancelled."""
        try:
            await self._attend_all()
        finally:
            with suppress(HubFailure):
                await self._store.run(lambda c: stop_collecting(c, self._owner))

    async def hold(self) -> None:
        """See to it that this hub goes on collecting what it collects, and what nobody does."""
        now, wanted = self._now(), self._wanted()
        if now < self._hold_at or not wanted:
            return
        until = now + _HELD
        mine = await self._store.run(lambda c: keep_collecting(c, wanted, self._owner, now, until))
        self._mine_until = dict.fromkeys(mine, until)
        self._hold_at = now + _HELD / 3

    async def _attend_all(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            attended: dict[AuthorityKey, asyncio.Task[None]] = {}
            while True:
                try:
                    await self.hold()
                except HubFailure as failure:
                    _log.warning("collect.failed", cause=failure.cause)
                wanted = self._wanted()
                for key in wanted.keys() - attended.keys():
                    attended[key] = tasks.create_task(self._attend(key))
                for key in attended.keys() - wanted.keys():
                    attended.pop(key).cancel()
                await asyncio.sleep(_EVERY.total_seconds())

    async def look(self, authority: AuthorityKey, endpoint: Endpoint) -> int:
        """Fetch what lies there now; return how many documents were taken."""
        transport, taken = self._transports[endpoint.transport], 0
        cursor = await self._store.read(lambda c: cursor_of(c, authority))
        adapter = self._table().systems[endpoint.system].adapter
        async for collected in transport.collect(endpoint, cursor):
            await self._publisher.publish(
                RETURNS,
                f"{adapter}.{authority}",
                collected.body,
                type="update",
                headers={
                    "authority": authority,
                    "adapter": adapter,
                    SPEAKER: f"system:{endpoint.system}",
                },
                content_type="application/xml",
            )
            if collected.cursor is not None:
                kept = collected.cursor
                await self._store.run(lambda c, kept=kept: keep_cursor(c, authority, kept))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            await collected.confirm()
            taken += 1
        return taken

    def _wanted(self) -> dict[AuthorityKey, Endpoint]:
        table = self._table()
        endpoints = {key: table.endpoint(key) for key in table.authorities}
        return {key: each for key, each in endpoints.items() if each.transport in self._transports}

    async def _attend_once(self, authority: AuthorityKey, endpoint: Endpoint) -> None:
        if self._now() < self._mine_until.get(authority, _NEVER):
            await self.look(authority, endpoint)

    async def _attend(self, authority: AuthorityKey) -> None:
        while (endpoint := self._wanted().get(authority)) is not None:
            pause = _EVERY
            try:
                await self._attend_once(authority, endpoint)
            except HubFailure as failure:
                _log.warning("collect.failed", authority=authority, cause=failure.cause)
                pause = _AFTER_FAILURE
            except Exception as error:  # noqa: BLE001 - one endpoint's trouble is no other's
                _log.error("collect.failed", authority=authority, error=type(error).__name__)
                pause = _AFTER_FAILURE
            await asyncio.sleep(pause.total_seconds())
