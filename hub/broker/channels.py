"""The channels on which queues are consumed: most queues share one, some have one of their own.

A channel costs the broker processes and memory, and a connection has no more than 2,047 (RabbitMQ's
`channel_max`): with one for each authority that would be the most authorities a hub can have.

Who shares a channel must not disturb the others, for at its close the broker takes back whatever
anybody on it has not acknowledged, and counts that against the delivery limit. RabbitMQ closes a
channel on which a queue is consumed that does not exist, so whether it exists is asked on a channel
that serves for nothing else. A consumer that ends is cancelled, which leaves its neighbours what
they have (seen with RabbitMQ 3.10.8); the channel is closed when the last one has left.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import uuid4

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from pamqp.commands import Basic

from hub.broker.connection import (
    BROKER_FAILURES,
    TIMEOUT,
    ConnectionLost,
    SpareChannel,
    close_quietly,
    within,
)

__all__ = ["Channels", "Seat"]

_SEATS: Final = 50
"""So many consumers share a channel: 4,000 authorities need 80, and an accident meets few."""


class Channels:
    """Gives whoever wants to consume a seat on a channel of the connection that is up now."""

    def __init__(self) -> None:
        self._shared: list[_Channel] = []
        self._looking = asyncio.Lock()
        self._spare: SpareChannel | None = None

    @asynccontextmanager
    async def seat(
        self, connection: AbstractConnection, queue: str, disturbed: asyncio.Event, *, alone: bool
    ) -> AsyncIterator["Seat"]:
        """A seat for a consumer of the queue; leaving the block gives it back.

        `disturbed` is set when the consumer has ended, or is to end. `alone`: on a channel that
        nobody else uses, and which is closed with the block.

        Raises:
            ChannelNotFoundEntity: there is no such queue. Found out at `consume` if `alone`.
        """
        if not alone:
            await self._look_for(connection, queue)
        channel = _Channel(connection) if alone else self._with_room(connection)
        seat = Seat(channel, queue, disturbed)
        channel.seats[seat.tag] = seat
        try:
            yield seat
        finally:
            seat.ended.set()
            del channel.seats[seat.tag]
            if not channel.seats:
                channel.retire()
                await close_quietly(channel.channel)

    async def _look_for(self, connection: AbstractConnection, queue: str) -> None:
        async with self._looking, within(TIMEOUT):
            if self._spare is None or self._spare.connection is not connection:
                self._spare = SpareChannel(connection)
            await (await self._spare.open()).declare_queue(queue, passive=True)

    def _with_room(self, connection: AbstractConnection) -> "_Channel":
        self._shared = [each for each in self._shared if not each.retired]
        for channel in self._shared:
            if len(channel.seats) < _SEATS:
                return channel
        self._shared.append(_Channel(connection))
        return self._shared[-1]


class Seat:
    """One consumer's place on a channel.

    `ended` is set when it is given nothing any more; `taken_away`: the broker has ended it.
    """

    def __init__(self, channel: "_Channel", queue: str, disturbed: asyncio.Event) -> None:
        self.tag = f"{queue}.{uuid4()}"
        self.disturbed = disturbed
        self.ended = asyncio.Event()
        self.taken_away = False
        self._channel = channel
        self._queue = queue

    @property
    def lost(self) -> bool:
        """Whether the channel is closed: what was given out on it, others are given."""
        return self._channel.channel.is_closed

    async def consume(
        self, take: Callable[[AbstractIncomingMessage], Awaitable[None]], *, prefetch: int
    ) -> None:
        """Have `take` called with messages, of which no more than `prefetch` are unsettled."""
        async with self._channel.turn() as channel:
            # Holds for the consumers that come after it (per consumer: RabbitMQ's `global` false).
            await channel.set_qos(prefetch_count=prefetch)
            queue = await channel.get_queue(self._queue, ensure=False)
            await queue.consume(take, consumer_tag=self.tag)

    async def cancel(self) -> None:
        """End it; the others on this channel do not notice."""
        with suppress(*BROKER_FAILURES):
            async with self._channel.turn(leaving=True) as channel:
                await (await channel.get_underlay_channel()).basic_cancel(self.tag)
        self.ended.set()

    def retire(self) -> None:
        """Have everybody leave this channel, so that it is closed."""
        self._channel.retire()


class _Channel:
    """A channel and the seats on it, by their consumers' tags."""

    def __init__(self, connection: AbstractConnection) -> None:
        self.channel: AbstractChannel = connection.channel(publisher_confirms=False)
        self.seats: dict[str, Seat] = {}
        self.retired = False
        self._lock = asyncio.Lock()

    def retire(self) -> None:
        self.retired = True
        for seat in self.seats.values():
            seat.disturbed.set()

    @asynccontextmanager
    async def turn(self, *, leaving: bool = False) -> AsyncIterator[AbstractChannel]:
        """One asks the broker at a time; whatever goes wrong, the channel is of no more use.

        It is closed by itself where an answer was not waited for (`patience`).
        """
        async with self._lock:
            if self.retired and not leaving:
                raise ConnectionLost("the channel was given up")
            try:
                async with within(TIMEOUT):
                    if not self.channel.is_initialized:
                        await self._open()
                    yield self.channel
            except BaseException:
                self.retire()
                raise

    async def _open(self) -> None:
        await self.channel.initialize()
        self.channel.close_callbacks.add(lambda *_: self.retire())
        underlay = await self.channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._cancelled)

    def _cancelled(self, frame: Basic.Cancel) -> None:
        """The broker has ended a consumer, as when its queue is deleted."""
        if seat := self.seats.get(frame.consumer_tag or ""):
            seat.taken_away = True
            seat.disturbed.set()
