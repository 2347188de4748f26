"""Consuming one queue, for as long as it is wanted.

Promises that a subscription which looks alive is alive: whatever ends its consumer (the
connection, the channel, the queue deleted, the broker's own decision) makes it subscribe again,
on its own, so that one broken queue stops no other. Handlers run in tasks of ours, not the
channel's, which would be cancelled with it; a message is settled explicitly, and if its channel
is gone by then the broker delivers it again (FACTS: aio-pika).

A queue whose order counts is given to one consumer at a time. It ends by closing its channel, which
is its own, not by cancelling: at a cancel the broker gives fresh messages to the next consumer
while this one is still at work on earlier ones; at a close the next one gets first, in their order,
whatever was not acknowledged (both seen with RabbitMQ 3.10.8). Any other shares a channel, is
cancelled, and gives back by itself what it was still given meanwhile.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final, Never

import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPChannelError, ChannelNotFoundEntity
from aiormq.exceptions import ConnectionInternalError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from hub.broker.channels import Channels, Seat
from hub.broker.connection import BROKER_FAILURES, TIMEOUT, Link, back_off, close_quietly, within
from hub.broker.delivery import Handler, Verdict, delivery_of
from hub.broker.topology import IN_ORDER

__all__ = ["Subscription"]

PAUSE_AFTER_FAILURE = timedelta(seconds=1)

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

log = structlog.get_logger()


class Subscription:
    """One queue and its handler. Made by `Broker.subscribe`.

    `consuming`: it has a consumer now. `taken`: how many messages it was given so far.
    `in_order`: of all consumers of the queue only one is given messages, perhaps another one.
    """

    def __init__(
        self,
        link: Link,
        channels: Channels,
        queue: str,
        handler: Handler,
        *,
        prefetch: int,
        on_missing: Callable[[], Awaitable[None]],
    ) -> None:
        """`on_missing` is awaited when the queue does not exist."""
        self.queue = queue
        self.in_order = queue in IN_ORDER
        self.consuming = False
        self.taken = 0
        self._link = link
        self._channels = channels
        self._handler = handler
        self._usual_prefetch = self._prefetch = prefetch
        self._on_missing = on_missing
        self._refused = False
        self._seat: Seat | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._disturbed = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._keeper = asyncio.create_task(self._keep_consuming(), name=f"consume {queue}")

    @property
    def paused(self) -> bool:
        """Whether it is not meant to consume now."""
        return not self._wanted.is_set()

    @property
    def closed(self) -> bool:
        """Whether it was closed, and is of no more use."""
        return self._keeper.done()

    @property
    def busy(self) -> bool:
        """Whether a handler is at work."""
        return bool(self._running)

    @property
    def usual_prefetch(self) -> int:
        """How many messages it handles at a time, unless told otherwise."""
        return self._usual_prefetch

    def hold(self) -> None:
        """Stops consuming, and waits for nobody; the rest stays in the queue."""
        self._wanted.clear()
        self._disturbed.set()

    async def pause(self) -> None:
        """Stops consuming and waits for the handlers at work; the rest stays in the queue.

        Called by a handler of this very queue, it does not wait, neither for the handler
        itself nor for others that may be waiting in the same way.
        """
        self.hold()
        if asyncio.current_task() not in self._running:
            await self._quiet.wait()
            await self._handlers()

    async def resume(self, prefetch: int | None = None) -> None:
        """Consumes again, soon after, up to `prefetch` messages at a time or as many as usual."""
        wanted = self._usual_prefetch if prefetch is None else prefetch
        if wanted != self._prefetch:
            self._prefetch = wanted
            self._disturbed.set()
        self._wanted.set()

    def restart(self) -> None:
        """Subscribes anew, for a consumer that does nothing although there is work.

        On another channel: what was given to it and got lost on the way comes back when the channel
        is closed, so whoever shares it moves as well.
        """
        self._disturbed.set()
        if self._seat is not None:
            self._seat.retire()

    async def close(self) -> None:
        """Pauses for good."""
        await self.pause()
        self._keeper.cancel()
        await asyncio.wait([self._keeper])

    async def _keep_consuming(self) -> Never:
        while True:
            await self._wanted.wait()
            async for attempt in AsyncRetrying(
                wait=back_off(),
                # Whatever it is: a supervisor that ends is a queue that nobody consumes.
                retry=retry_if_exception_type(Exception),
                before_sleep=self._report,
            ):
                with attempt:
                    await self._consume_while_wanted()

    async def _consume_while_wanted(self) -> None:
        async with self._connection() as connection:
            self._disturbed.clear()
            if self.paused:
                return
            self._quiet.clear()
            try:
                async with self._channels.seat(
                    connection, self.queue, self._disturbed, alone=self.in_order or self._refused
                ) as seat:
                    await self._consume(seat)
                    if not seat.lost:
                        await self._handlers()  # so that what is at work can be settled
            except ChannelNotFoundEntity:
                await self._on_missing()
                raise
            finally:
                self._quiet.set()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AbstractConnection]:
        """Everybody's, but for a queue that the broker refused: its own, and nobody else's.

        RabbitMQ closes the channel, and where the queue has no leader even the connection.
        """
        shared = await self._link.connection()
        if not self._refused:
            yield shared
            return
        own = await self._link.connect()
        try:
            yield own
        finally:
            await close_quietly(own)

    async def _consume(self, seat: Seat) -> None:
        """Consumes until disturbed."""
        try:
            await seat.consume(partial(self._take, seat), prefetch=self._prefetch)
        except (AMQPChannelError, ConnectionInternalError):
            self._refused = True  # whatever the broker has against it, it costs others only once
            raise
        self._refused = False
        self._seat = seat
        self.consuming = True
        log.info("subscription.consuming", queue=self.queue)
        try:
            await self._disturbed.wait()
        finally:
            self.consuming = False
            self._seat = None
            # RabbitMQ 4 tells of a queue that goes while it can still be seen, and not be consumed.
            self._refused = seat.taken_away
            if not self.in_order:
                await seat.cancel()

    async def _take(self, seat: Seat, message: AbstractIncomingMessage) -> None:
        """Called by aio-pika in a task of the channel, hence only hands over to one of ours."""
        if not self._disturbed.is_set():
            self.taken += 1
            self._run(self._handle(message))
        elif not self.in_order:  # else the channel is about to be closed, which returns it in place
            self._run(self._give_back(seat, message))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=f"handle {self.queue}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _give_back(self, seat: Seat, message: AbstractIncomingMessage) -> None:
        """Counts against the delivery limit, as closing the channel would; hence once only."""
        await seat.ended.wait()  # before, it would be given to this consumer again
        await self._settle(message.nack(requeue=True))

    async def _handle(self, message: AbstractIncomingMessage) -> None:
        try:
            verdict = await self._handler(delivery_of(message, self.queue))
        except Exception as error:  # noqa: BLE001 - the edge: nothing else would ever see it
            log.error(  # noqa: TRY400 - a traceback may quote what applicants wrote
                "handler.failed",
                queue=self.queue,
                message=_told(message.message_id),
                error=type(error).__name__,
            )
            await asyncio.sleep(PAUSE_AFTER_FAILURE.total_seconds())
            if not self._goes_back_in_place():
                # Counts against the delivery limit; from 4.3 on a nack would not.
                await self._settle(message.reject(requeue=True))
        else:
            if verdict is Verdict.ACK:
                await self._settle(message.ack())
            elif not self._goes_back_in_place():
                await self._settle(message.nack(requeue=True))

    def _goes_back_in_place(self) -> bool:
        """Whether closing the channel returns a message, where returning it alone would not do.

        It would be given out once more, behind later ones that this consumer no longer takes.
        """
        return self.in_order and self._disturbed.is_set()

    async def _settle(self, settling: Awaitable[None]) -> None:
        try:
            async with within(TIMEOUT):
                await settling
        except BROKER_FAILURES as error:
            log.info("settle.too_late", queue=self.queue, error=type(error).__name__)

    async def _handlers(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    def _report(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        log.warning("subscription.failed", queue=self.queue, error=type(error).__name__)


def _told(message_id: str | None) -> str | None:
    """A message's id for the log, as long as it is one: its sender may call it anything."""
    return message_id if message_id is not None and _UUID.fullmatch(message_id) else None
