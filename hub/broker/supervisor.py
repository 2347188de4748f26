"""The hub's broker: a connection that publishes, one that consumes, and who keeps them alive.

Two, because a connection that publishes is blocked in both directions while the broker is short
of memory or disk, and one that only consumes goes on (FACTS: RabbitMQ). Leaving the block
drains: consumers are cancelled, running handlers waited for, then the connections closed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import Final, Never, Self

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import (
    AMQPChannelError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from hub.broker.channels import Channels
from hub.broker.connection import TIMEOUT, Link, SpareChannel, close_quietly, user_of, within
from hub.broker.consumer import Subscription
from hub.broker.delivery import Handler
from hub.broker.flow import Flow, Flows
from hub.broker.progress import watch_progress
from hub.broker.publisher import Publisher
from hub.broker.renewal import Renewed, remedy, renew
from hub.broker.topology import Binding, Exchange, Queue, Topology
from hub.tls import TlsFiles

__all__ = ["Broker", "QueueState"]

LOOK_EVERY = timedelta(seconds=0.1)
_NO_FILES: Final = TlsFiles()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many messages wait in a queue, how many consumers it has, and what went through it.

    `flow` is None at the first look for a while.
    """

    messages: int
    consumers: int
    flow: Flow | None = None


class Broker:
    """Everything the hub does with RabbitMQ. Use as an async context manager."""

    publisher: Publisher
    users: frozenset[str]
    """Those of the given addresses: what this broker publishes to the hub's exchanges is theirs."""
    on_connected: list[Callable[[], Awaitable[None]]]
    """Awaited after each connect, before anything is consumed, and when a queue is missing:
    the place to declare the topology, so that a wiped broker comes back."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        name: str,
        tls: TlsFiles = _NO_FILES,
        heartbeat: int = 10,
        publish_timeout: timedelta = TIMEOUT,
    ) -> None:
        """Hosts are tried in turn. A dead peer is noticed after (heartbeat + 1) * 3 s.

        `tls` says whom to trust over amqps://, and may prove who the hub is.
        """
        self.users = frozenset(user_of(url) for url in urls)
        self.on_connected = []
        self._publishing = Link(urls, name=f"{name} publish", heartbeat=heartbeat, tls=tls)
        self._consuming = Link(
            urls, name=f"{name} consume", heartbeat=heartbeat, tls=tls, prepare=self._announce
        )
        self.publisher = Publisher(self._publishing, publish_timeout)
        self._channels = Channels()
        self._subscriptions: list[Subscription] = []
        self._flows = Flows()
        self._announcement: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[Never] | None = None

    async def __aenter__(self) -> Self:
        await self._publishing.open()
        try:
            await self._consuming.open()
        except BaseException:
            await self._disconnect()
            raise
        self._watcher = asyncio.create_task(
            watch_progress(lambda: self._subscriptions, self.depths), name="progress"
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await asyncio.gather(*(each.close() for each in self._subscriptions))
        finally:
            await self._disconnect()

    @property
    def ready(self) -> bool:
        """Both connections are open and every subscription that is not paused consumes.

        Or is busy: one that is to be given more or fewer at a time finishes what it has first.
        """
        return (
            self._publishing.current is not None
            and self._consuming.current is not None
            and all(each.consuming or each.paused or each.busy for each in self._subscriptions)
        )

    @property
    def trouble(self) -> str | None:
        """Why a connection is missing, in a sentence; None while both are there."""
        return self._publishing.trouble or self._consuming.trouble

    async def wait_ready(self) -> None:
        """Returns when `ready`."""
        while not self.ready:  # noqa: ASYNC110 - made of many parts, none of which knows the whole
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    def subscribe(self, queue: str, handler: Handler, *, prefetch: int) -> Subscription:
        """Handles up to `prefetch` messages of `queue` at a time; returns at once."""
        subscription = Subscription(
            self._consuming,
            self._channels,
            queue,
            handler,
            prefetch=prefetch,
            on_missing=self._announce,
        )
        self._subscriptions = [each for each in self._subscriptions if not each.closed]
        self._subscriptions.append(subscription)
        return subscription

    async def declare(self, topology: Topology) -> None:
        """Declares what is missing; what is there stays as it is.

        What the broker refuses, such as a queue that exists with other arguments, is logged
        and stops nothing else.

        Raises:
            ConnectionError or TimeoutError: the broker went away meanwhile.
        """
        connection = await self._consuming.connect()
        try:
            declaration = _Declaration(connection, topology)
            for exchange in topology.exchanges:
                await declaration.exchange(exchange)
            for queue in topology.queues:
                await declaration.queue(queue)
            for binding in topology.bindings:
                await declaration.binding(binding)
        finally:
            await close_quietly(connection)

    async def remove_if_empty(self, queue: str) -> bool:
        """Deletes a queue in which nothing waits and which nobody consumes.

        RabbitMQ's own `if-empty` is not there for quorum queues. What arrives between looking
        and deleting is a reference; the store owes it still.
        """
        try:
            async with within(TIMEOUT):
                connection = await self._consuming.connection()
                async with connection.channel() as channel:
                    found = await channel.declare_queue(queue, passive=True)
                    state = found.declaration_result
                    if state.message_count or state.consumer_count:
                        return False
                    await found.delete(if_unused=False, if_empty=False)
        except ChannelNotFoundEntity:
            return False
        return True

    async def depths(self, queues: Iterable[str]) -> dict[str, int]:
        """How many messages wait in each queue; one that does not exist is left out.

        Raises:
            ConnectionError or TimeoutError: the broker is away.
        """
        states = await self.queue_states(queues)
        return {name: state.messages for name, state in states.items()}

    async def queue_flows(self, queues: Iterable[str]) -> dict[str, QueueState]:
        """The same with what went through each queue since an earlier call.

        Raises:
            ConnectionError or TimeoutError: the broker is away.
        """
        states = await self.queue_states(queues)
        taken: Counter[str] = Counter()
        for subscription in self._subscriptions:
            taken[subscription.queue] += subscription.taken
        depths = {name: state.messages for name, state in states.items()}
        flows = self._flows.look(depths, taken)
        return {name: replace(state, flow=flows.get(name)) for name, state in states.items()}

    async def queue_states(self, queues: Iterable[str]) -> dict[str, QueueState]:
        """Depth and consumers of each queue; one that does not exist is left out.

        Raises:
            ConnectionError or TimeoutError: the broker is away.
        """
        async with within(TIMEOUT):
            spare = SpareChannel(await self._consuming.connection())
        found: dict[str, QueueState] = {}
        try:
            for name in queues:
                with suppress(ChannelNotFoundEntity):
                    async with within(TIMEOUT):
                        channel = await spare.open()
                        told = (await channel.declare_queue(name, passive=True)).declaration_result
                        found[name] = QueueState(told.message_count or 0, told.consumer_count or 0)
        finally:
            await spare.close()
        return found

    async def _announce(self) -> None:
        """Runs `on_connected`; who asks while it runs waits for the same run."""
        if self._announcement is None or self._announcement.done():
            self._announcement = asyncio.create_task(self._run_on_connected())
        await asyncio.shield(self._announcement)

    async def _run_on_connected(self) -> None:
        for callback in self.on_connected:
            await callback()

    async def _disconnect(self) -> None:
        for task in (self._watcher, self._announcement):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        await self._consuming.close()
        await self._publishing.close()


class _Declaration:
    """Declares one thing after the other; what is refused is logged and harms nothing else."""

    def __init__(self, connection: AbstractConnection, topology: Topology) -> None:
        self._connection = connection
        self._bindings = topology.bindings
        self._left: set[str] = set()
        self._spare = SpareChannel(connection)

    async def exchange(self, exchange: Exchange) -> None:
        async with self._attempt(exchange.name) as channel:
            await channel.declare_exchange(exchange.name, exchange.type, durable=True)

    async def queue(self, queue: Queue) -> None:
        async with self._attempt(queue.name) as channel:
            try:
                await channel.declare_queue(queue.name, durable=True, arguments={**queue.arguments})
            except ChannelPreconditionFailed:
                await self._renew(queue)

    async def binding(self, binding: Binding) -> None:
        if binding.queue in self._left:
            return
        async with self._attempt(binding.queue) as channel:
            queue = await channel.get_queue(binding.queue, ensure=False)
            await queue.bind(binding.exchange, binding.key)

    async def _renew(self, queue: Queue) -> None:
        own = [binding for binding in self._bindings if binding.queue == queue.name]
        match await renew(self._connection, queue, own):
            case Renewed.NOW:
                log.info("declare.renewed", name=queue.name)
            case Renewed.NOT:
                log.error("declare.refused", name=queue.name, reason=remedy(queue))
            case Renewed.BY_ANOTHER:
                self._left.add(queue.name)

    @asynccontextmanager
    async def _attempt(self, name: str) -> AsyncIterator[AbstractChannel]:
        try:
            async with within(TIMEOUT):
                yield await self._spare.open()
        except AMQPChannelError as error:
            log.error(  # noqa: TRY400 - the broker's own reason says it all
                "declare.refused", name=name, reason=str(error)
            )
