"""The online service's side: puts submissions to a contestant, at once or at times set before."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection

from bench.entrants import Envelope
from bench.submissions import Given, Submissions

__all__ = ["Publishing", "publishing", "schedule"]

_AT_ONCE: Final = 100
_BYTES_AT_ONCE: Final = 16 * 1024 * 1024
_SEED: Final = 7


class Publishing:
    """One connection whose publishes are confirmed. Made by `publishing`."""

    def __init__(
        self,
        connection: AbstractConnection,
        channel: AbstractChannel,
        submissions: Submissions,
        envelope: Callable[[Given], Envelope],
    ) -> None:
        self._connection = connection
        self._channel = channel
        self._submissions = submissions
        self._envelope = envelope

    async def flood(self, count: int) -> None:
        """Publish so many as fast as the broker confirms them."""
        left = count
        while left:
            first = self._submissions.take()
            some = min(left, _AT_ONCE, max(_BYTES_AT_ONCE // len(first.body), 1))
            given = [first, *(self._submissions.take() for _ in range(some - 1))]
            await asyncio.gather(*(self._publish(self._envelope(each)) for each in given))
            left -= some

    async def on_time(self, times: Iterable[float]) -> dict[str, float]:
        """Publish one at each of these seconds from now, whatever became of those before.

        Returns:
            For each id the monotonic time at which it was to be published.
        """
        ready = [(at, each.id, self._envelope(each)) for at in times if (each := self._take())]
        due: dict[str, float] = {}
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for at, id_, envelope in ready:
                due[id_] = began + at
                await asyncio.sleep(max(due[id_] - time.monotonic(), 0))
                tasks.create_task(self._publish(envelope))
        return due

    async def expect(self, queue: str) -> None:
        """Have a quorum queue there which nobody else declares."""
        arguments: dict[str, aio_pika.abc.FieldValue] = {"x-queue-type": "quorum"}
        await self._channel.declare_queue(queue, durable=True, arguments=arguments)

    async def consumers(self, queue: str) -> int:
        """How many a queue has; none if it is not there."""
        async with self._connection.channel() as looking:  # a missing queue closes the channel
            try:
                found = await looking.declare_queue(queue, passive=True)
            except aio_pika.exceptions.ChannelNotFoundEntity:
                return 0
            return found.declaration_result.consumer_count or 0

    def _take(self) -> Given:
        return self._submissions.take()

    async def _publish(self, envelope: Envelope) -> None:
        exchange = await self._channel.get_exchange(envelope.exchange, ensure=False)
        await exchange.publish(envelope.message, envelope.key, mandatory=True)


@asynccontextmanager
async def publishing(
    amqp_url: str, submissions: Submissions, envelope: Callable[[Given], Envelope]
) -> AsyncIterator[Publishing]:
    """Connect as an online service would."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(on_return_raises=True)
        yield Publishing(connection, channel, submissions, envelope)


def schedule(rate: float, count: int) -> list[float]:
    """When `count` arrive at random, so many per second in the mean; always the same draw."""
    draw, at = random.Random(_SEED), 0.0  # noqa: S311 - the same every time, not secret
    return [at := at + draw.expovariate(rate) for _ in range(count)]
