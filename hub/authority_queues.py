"""Each authority's queue comes and goes with the routing table, and so does who consumes it.

The file is looked at again and again; what another table asks for is carried out at the broker
while the hub runs on.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from hub.broker import BROKER_FAILURES, Subscription, delivery_queue
from hub.hub import Hub

__all__ = ["AuthorityQueues"]

_LOOK_EVERY: Final = 2.0

_log = structlog.get_logger()


class AuthorityQueues:
    """Follows the table in force: what it adds is declared and consumed, what it drops deleted.

    Args:
        hub: whose `authorities` these are.
        consume: subscribes to a queue, for so many messages at a time; None where the hub does
            not deliver.
    """

    def __init__(self, hub: Hub, consume: Callable[[str, int], Subscription] | None) -> None:
        self._hub = hub
        self._consume = consume

    def attend(self) -> None:
        """Subscribe to the queues of authorities that the table has and the hub does not know."""
        if self._consume is None:
            return
        table = self._hub.routes.table
        for key, entry in table.authorities.items():
            if key not in self._hub.authorities:
                parallel = table.systems[entry.system].limits.parallel
                self._hub.authorities[key] = self._consume(delivery_queue(key), parallel)

    async def run(self) -> None:
        """Carry out what the table asks for when it has changed, until cancelled."""
        hub = self._hub
        changed = False
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            changed = await asyncio.to_thread(hub.routes.look) or changed
            try:
                if changed:
                    await hub.broker.declare(hub.topology)
                    self.attend()
                    changed = False
                await self._retire()
            except BROKER_FAILURES as error:  # a later look carries it out
                _log.warning("routes.not_carried_out", error=type(error).__name__)

    async def _retire(self) -> None:
        """A removed authority's queue goes when it is empty; until then it is worked off."""
        hub = self._hub
        gone = hub.authorities.keys() - hub.routes.table.authorities.keys()
        depths = await hub.broker.depths(map(delivery_queue, gone)) if gone else {}
        for key in gone:
            queue, subscription = delivery_queue(key), hub.authorities[key]
            if depths.get(queue, 0):
                continue
            was_paused = subscription.paused
            await subscription.pause()  # nobody else consumes it, so it may be deleted
            if queue not in depths or await hub.broker.remove_if_empty(queue):
                del hub.authorities[key]
                hub.subscriptions.remove(subscription)
                await subscription.close()
            elif not was_paused:
                await subscription.resume()
