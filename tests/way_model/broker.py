"""A broker in memory: queues that keep their order, and misbehave as they are told.

Only what the stages may rely on: what was confirmed is in the queue, what was not may be; what a
process took and did not settle comes again, in front; a queue may lose what it has.
"""
# ruff: noqa: ARG002 - the signatures are those of the originals

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hub.broker import (
    DELIVERIES,
    INTAKE,
    INTERPRET,
    MAILBOX,
    RETURNS,
    SUBMISSIONS,
    Delivery,
    NotConfirmed,
    Publisher,
    delivery_queue,
    mailbox_queue,
)
from tests.way_model.faults import Faults
from tests.way_model.scheduling import Scheduler

__all__ = ["HUB", "ModelBroker"]

HUB: Final = "hub"
"""The hub's own user at the broker."""

_DELIVERY_LIMIT: Final = 20

_FROM_OUTSIDE: Final = {SUBMISSIONS: INTAKE, RETURNS: INTERPRET}


@dataclass(frozen=True)
class Refused:
    """What a sender was told."""

    exchange: str
    correlation: str | None


class ModelBroker(Publisher):
    """Publisher and queues in one."""

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self.queues: dict[str, list[Delivery]] = defaultdict(list)
        self.refused: list[Refused] = []
        self._scheduler = scheduler
        self._faults = faults

    @property
    def connected(self) -> bool:
        return True

    async def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        type: str,  # noqa: A002 - as its original
        headers: Mapping[str, str] | None = None,
        correlation_id: str | None = None,
        reply_to: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        await self._scheduler.point()
        fault = self._faults.meet("publish")
        if fault != "before":
            queue = _queue(exchange, key)
            delivery = Delivery(
                body=body,
                routing_key=key,
                exchange=exchange,
                queue=queue,
                message_id=None,
                type=type,
                content_type=content_type,
                reply_to=reply_to,
                correlation_id=correlation_id,
                user_id=HUB,
                headers=dict(headers or {}),
                redelivered=False,
                death=None,
            )
            self.queues[queue].append(delivery)
        if fault is not None:
            raise NotConfirmed(exchange)
        await self._scheduler.point()

    async def publish_outside(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        type: str,  # noqa: A002 - as its original
        headers: Mapping[str, str] | None = None,
        correlation_id: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        await self._scheduler.point()
        fault = self._faults.meet("refusal")
        if fault != "before":
            self.refused.append(Refused(exchange, correlation_id))
        if fault is not None:
            raise NotConfirmed(exchange)
        await self._scheduler.point()

    async def depths(self, queues: Iterable[str]) -> Mapping[str, int]:
        return {queue: len(self.queues[queue]) for queue in queues}

    def give_back(self, delivery: Delivery) -> None:
        """A message that was taken and not settled comes again.

        Before all that nobody took yet, behind those given back already: so do quorum queues
        (seen with RabbitMQ 3.10.8), one by one as well as at the end of a connection.
        """
        assert delivery.attempts < _DELIVERY_LIMIT, "the broker would give it up"
        headers = {**delivery.headers, "x-delivery-count": delivery.attempts}
        queue = self.queues[delivery.queue]
        position = sum(each.redelivered for each in queue)
        queue.insert(position, replace(delivery, headers=headers, redelivered=True))

    def wipe(self) -> list[Delivery]:
        """Forget everything; gives what had come from outside and no stage has taken yet."""
        outside = [*self.queues[INTAKE], *self.queues[INTERPRET]]
        self.queues.clear()
        return outside


def _queue(exchange: str, key: str) -> str:
    if exchange == DELIVERIES:
        return delivery_queue(key)
    if exchange == MAILBOX:
        return mailbox_queue(key)
    return _FROM_OUTSIDE[exchange]
