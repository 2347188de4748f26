"""Consuming one queue, for as long as it is wanted.

Promises that a subscription which looks alive is alive: whatever ends its consumer (the
connection, the channel, the queue deleted, the broker's own decision) makes it subscribe again,
on its own, so that one broken queue stops no other. Handlers run in tasks of ours, not the
channel's, which would be cancelled with it; a message is settled explicitly, and if its channel
is gone by then the broker delivers it again (FACTS: aio-pika).

A queue whose order counts is given to one consumer at a time. It ends by closing its channel, not
by cancelling: at a cancel the broker gives fresh messages to the next consumer while this one is
still at work on earlier ones; at a close the next one gets first, in their order, whatever was not
acknowledged (both seen with RabbitMQ 3.10.8).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Never

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from hub.broker.connection import BROKER_FAILURES, TIMEOUT, Link, back_off, close_quietly, within
from hub.broker.delivery import Handler, Verdict, delivery_of
from hub.broker.topology import IN_ORDER

__all__ = ["Subscription"]

PAUSE_AFTER_FAILURE = timedelta(seconds=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Consumer:
    channel: AbstractChannel
    queue: AbstractQueue
    tag: str


class Subscription:
    """One queue and its handler. Made by `Broker.subscribe`.

    `consuming`: it has a consumer now. `taken`: how many messages it was given so far.
    `in_order`: of all consumers of the queue only one is given messages, perhaps another one.
    """

    def __init__(
        self,
        link: Link,
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
        self._handler = handler
        self._usual_prefetch = self._prefetch = prefetch
        self._on_missing = on_missing
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
        """Subscribes anew, for a consumer that does nothing although there is work."""
        self._disturbed.set()

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
        connection = await self._link.connection()
        self._disturbed.clear()
        if self.paused:
            return
        self._quiet.clear()
        try:
            channel = connection.channel(publisher_confirms=False)
            try:
                async with within(TIMEOUT):
                    consumer = await self._subscribe(channel)
                self.consuming = True
                log.info("subscription.consuming", queue=self.queue)
                await self._disturbed.wait()
                self.consuming = False
                await self._finish(consumer)
            finally:
                self.consuming = False
                await close_quietly(channel)
        except ChannelNotFoundEntity:
            await self._on_missing()
            raise
        finally:
            self._quiet.set()

    async def _subscribe(self, channel: AbstractChannel) -> _Consumer:
        await channel.initialize()
        channel.close_callbacks.add(lambda *_: self._disturbed.set())
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: self._disturbed.set())
        await channel.set_qos(prefetch_count=self._prefetch)
        queue = await channel.get_queue(self.queue, ensure=False)
        tag = await queue.consume(self._take)
        return _Consumer(channel, queue, tag)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        """Called by aio-pika in a task of the channel, hence only hands over to one of ours."""
        if self._disturbed.is_set():
            return  # the channel is about to be closed, which returns the message to the queue
        self.taken += 1
        task = asyncio.create_task(self._handle(message), name=f"handle {self.queue}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, message: AbstractIncomingMessage) -> None:
        try:
            verdict = await self._handler(delivery_of(message, self.queue))
        except Exception as error:  # noqa: BLE001 - the edge: nothing else would ever see it
            log.error(  # noqa: TRY400 - a traceback may quote what applicants wrote
                "handler.failed",
                queue=self.queue,
                message=message.message_id,
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

    async def _finish(self, consumer: _Consumer) -> None:
        """Cancel, then wait, so that what is at work can be settled; the caller closes."""
        if not self.in_order:
            with suppress(*BROKER_FAILURES):
                async with within(TIMEOUT):
                    await consumer.queue.cancel(consumer.tag)
        if not consumer.channel.is_closed:
            await self._handlers()

    async def _handlers(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    def _report(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        log.warning("subscription.failed", queue=self.queue, error=type(error).__name__)
