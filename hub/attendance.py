"""Whether each of the hub's queues has somebody who consumes it, in this hub or another one.

Hubs may work at some stages only: where none works at one of them, everything looks well in each of
them, and that stage's messages wait. The broker knows. Whose queue is left alone on purpose - of
who is parked, or was paused by a person - lacks nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from hub.broker import BROKER_FAILURES, QueueState, delivery_queue, mailbox_queue
from hub.model.failure import HubFailure
from hub.store import Connection, StoreReader, parkings, pauses

__all__ = ["Attendance", "States", "unattended_twice"]

States = Callable[[Iterable[str]], Awaitable[Mapping[str, QueueState]]]
"""Depth and consumers of those queues that there are."""

_EVERY: Final = timedelta(seconds=30)
_BETWEEN_LOOKS: Final = timedelta(seconds=3)
"""Longer than a consumer needs that is just subscribing anew."""

_log = structlog.get_logger()


class Attendance:
    """Keeps in `unattended` the queues that nobody consumed when it last looked."""

    def __init__(
        self, store: StoreReader, states: States, queues: Callable[[], Collection[str]]
    ) -> None:
        self._store = store
        self._states = states
        self._queues = queues
        self.unattended: tuple[str, ...] = ()

    async def run(self) -> None:
        """Look again and again, until cancelled; the first time when others have had time, too."""
        while True:
            await asyncio.sleep(_EVERY.total_seconds())
            try:
                await self.look()
            except (HubFailure, *BROKER_FAILURES) as failure:
                _log.info("attendance.not_seen", error=type(failure).__name__)

    async def look(self) -> None:
        """Look now."""
        found = await unattended_twice(self._store, self._states, self._queues())
        if found and found != self.unattended:
            _log.warning("queues.unattended", queues=found[:10], count=len(found))
        self.unattended = found


async def unattended_twice(
    store: StoreReader,
    states: States,
    queues: Collection[str],
    between: timedelta = _BETWEEN_LOOKS,
) -> tuple[str, ...]:
    """Those of the queues that nobody consumes, neither now nor a moment later.

    Raises:
        StoreAway: the store cannot be read.
        ConnectionError or TimeoutError: the broker is away.
    """
    found = await _unattended(store, states, queues)
    if found:
        await asyncio.sleep(between.total_seconds())
        found = await _unattended(store, states, found)
    return found


async def _unattended(
    store: StoreReader, states: States, queues: Collection[str]
) -> tuple[str, ...]:
    alone = [name for name, state in (await states(queues)).items() if not state.consumers]
    held = await store.read(_held) if alone else frozenset()
    return tuple(name for name in sorted(alone) if name not in held)


def _held(connection: Connection) -> frozenset[str]:
    parked = {each.authority for each in parkings(connection)}
    places = parked | {each.authority for each in pauses(connection)}
    return frozenset(name for at in places for name in (delivery_queue(at), mailbox_queue(at)))
