"""The simulated Spree at work: consumes its queues, and publishes what it owes to `hub.returns`.

It declares its own exchange and one queue for each authority. What is owed stands in its book,
so it survives the end of the hub and of the system itself.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from hub.broker import (
    RETURNS,
    Binding,
    Broker,
    Delivery,
    Exchange,
    Queue,
    Topology,
    Verdict,
)
from hub.model.failure import HubFailure
from hub.sandbox.book import Book
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.spree.reception import Reception

__all__ = ["EXCHANGE", "queue_of", "running_spree", "topology_of"]

EXCHANGE: Final = "spree.in"

_ADAPTER: Final = "spree"
_PREFETCH: Final = 10
_AT_ONCE: Final = 8
_PAUSE: Final = 0.2


@asynccontextmanager
async def running_spree(
    amqp_url: str, book: Book, authorities: Iterable[str], more: asyncio.Event | None = None
) -> AsyncIterator[None]:
    """Consume and answer until the block ends. The URL's user is the system's own.

    Whoever adds to what the book owes sets `more`.
    """
    keys = tuple(authorities)
    reception, more = Reception(book), more or asyncio.Event()
    async with Broker(amqp_url.split(","), name=_ADAPTER) as broker:
        broker.on_connected.append(partial(broker.declare, topology_of(keys)))
        await broker.declare(topology_of(keys))
        for key in keys:
            handler = partial(_take, reception, more, key)
            broker.subscribe(queue_of(key), handler, prefetch=_PREFETCH)
        sending = asyncio.create_task(_send_all(broker, book, more))
        try:
            await broker.wait_ready()
            yield
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending


def queue_of(authority: str) -> str:
    """The queue in which the system expects an authority's messages."""
    return f"spree.inbox.{authority}"


def topology_of(authorities: Iterable[str]) -> Topology:
    """The system's exchange, and a queue for each authority, bound by its key."""
    keys = tuple(authorities)
    arguments: dict[str, str | int] = {"x-queue-type": "quorum", "x-delivery-limit": 20}
    return Topology(
        (Exchange(EXCHANGE, "direct"),),
        tuple(Queue(queue_of(key), arguments) for key in keys),
        tuple(Binding(EXCHANGE, key, queue_of(key)) for key in keys),
    )


async def _take(
    reception: Reception, more: asyncio.Event, authority: str, delivery: Delivery
) -> Verdict:
    await asyncio.to_thread(reception.take, authority, delivery.body)
    more.set()
    return Verdict.ACK


async def _send_all(broker: Broker, book: Book, more: asyncio.Event) -> None:
    while True:
        more.clear()
        owed = await asyncio.to_thread(book.next_updates, _AT_ONCE)
        if not owed:
            await more.wait()
        elif not all(await asyncio.gather(*(_send(broker, book, one) for one in owed))):
            await asyncio.sleep(_PAUSE)


async def _send(broker: Broker, book: Book, update: Outgoing) -> bool:
    """Whether the broker has the update."""
    try:
        await broker.publisher.publish(
            RETURNS,
            f"{_ADAPTER}.{update.authority}",
            update.body,
            type="update",
            headers={"authority": update.authority, "adapter": _ADAPTER},
            content_type="application/xml",
        )
    except HubFailure:
        await asyncio.to_thread(book.tried, update.uuid)
        return False
    await asyncio.to_thread(book.sent, update.uuid)
    return True
