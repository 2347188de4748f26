"""Publishing that either happened or raises: routed, stored by the broker and confirmed.

A message that no queue took, that the broker refused, or whose confirmation did not come is an
exception of the call that published it. It may still have arrived (FACTS: nacked is not
undelivered): whoever receives has to know duplicates. To the hub's own exchanges every message
goes with `user_id`, which RabbitMQ checks: so the hub's own are told from a system's.

A channel on which something was not confirmed takes no further message, since what is wrong may
be the channel. RabbitMQ 3.10's remembers who led a queue when it was first published to; if that
node had just died, it refuses all further messages to that queue until the node is back, while a
new channel asks the new leader (rabbitmq-server#9221). And while it waits for a queue that does
not answer, it carries nothing to any other queue either.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from aio_pika import Connection, DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity, DeliveryError, PublishError
from aiormq.exceptions import ChannelAccessRefused
from pamqp.commands import Basic

from hub.broker.connection import BROKER_FAILURES, Link, close_quietly, user_of, within
from hub.model.failure import PermanentFailure, TransientFailure

__all__ = ["NoSuchExchange", "NotAllowed", "NotConfirmed", "Publisher", "Unroutable"]

log = structlog.get_logger()


class Unroutable(TransientFailure):
    """The exchange is there, but no queue is bound for the key."""

    def __init__(self, exchange: str) -> None:
        super().__init__("broker.unroutable", f"No queue took the message from {exchange}.")


class NotConfirmed(TransientFailure):
    """The broker refused the message, did not answer in time, or could not be reached."""

    def __init__(self, exchange: str) -> None:
        super().__init__(
            "broker.not_confirmed", f"The broker did not confirm the message to {exchange}."
        )


class NoSuchExchange(PermanentFailure):
    """A stranger's exchange does not exist."""

    def __init__(self, exchange: str) -> None:
        super().__init__("broker.no_such_exchange", f"There is no exchange {exchange}.")


class NotAllowed(TransientFailure):
    """A stranger's exchange is there, but the hub's user may not publish to it."""

    def __init__(self, exchange: str) -> None:
        super().__init__(
            "broker.not_allowed",
            f"The hub's user at RabbitMQ may not publish to {exchange}; `hub topology export` gives"
            " it that right, once routing.yaml names the exchange.",
        )


@dataclass(slots=True, eq=False)
class _Lane:
    """A channel, in whose name it publishes, and how many messages are under way on it."""

    channel: AbstractChannel
    user: str | None
    under_way: int = 0


class Publisher:
    """Publishes on one channel, any number of messages at a time, for as long as it is good."""

    def __init__(self, link: Link, timeout: timedelta) -> None:
        self._link = link
        self._timeout = timeout
        self._lane: _Lane | None = None
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether there is a connection to publish on."""
        return self._link.current is not None

    async def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        type: str,  # noqa: A002 - AMQP's own word for the property
        headers: Mapping[str, str] | None = None,
        correlation_id: str | None = None,
        reply_to: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        """Publishes to an exchange of the hub's own; returns when the broker has it safe.

        Raises:
            Unroutable: no queue is bound for `key`.
            NotConfirmed: refused, timed out, or not connected. It may have arrived.
        """
        message = _message(
            body,
            type=type,
            headers=headers,
            correlation_id=correlation_id,
            reply_to=reply_to,
            content_type=content_type,
        )
        try:
            async with within(self._timeout), self._good_lane() as lane:
                message.user_id = lane.user
                await _publish(lane.channel, exchange, key, message)
        except BROKER_FAILURES as error:
            raise NotConfirmed(exchange) from error

    async def publish_outside(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        type: str,  # noqa: A002 - AMQP's own word for the property
        headers: Mapping[str, str] | None = None,
        correlation_id: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        """Publishes to an exchange that the hub does not own, such as one for refusals.

        On a channel of its own: if the exchange is missing the broker closes the channel, and
        everything else in flight on it would be in doubt. Without `user_id`: its owner may lead
        the message anywhere, also back to the hub, where it must not pass for the hub's own.

        Raises:
            NoSuchExchange: it is missing.
            NotAllowed: the hub's user may not; nothing was sent.
            Unroutable: no queue is bound for `key`.
            NotConfirmed: refused, timed out, or not connected. It may have arrived.
        """
        message = _message(
            body,
            type=type,
            headers=headers,
            correlation_id=correlation_id,
            content_type=content_type,
        )
        try:
            async with within(self._timeout), await _new_channel(self._connection()) as channel:
                await _publish(channel, exchange, key, message)
        except ChannelNotFoundEntity as error:
            raise NoSuchExchange(exchange) from error
        except ChannelAccessRefused as error:
            raise NotAllowed(exchange) from error
        except BROKER_FAILURES as error:
            raise NotConfirmed(exchange) from error

    async def look_for_exchange(self, exchange: str) -> None:
        """Pass if a stranger's exchange exists; declares nothing.

        Raises:
            NoSuchExchange: it is missing.
            NotConfirmed: the broker did not answer, or could not be reached.
        """
        try:
            async with within(self._timeout), await _new_channel(self._connection()) as channel:
                await channel.get_exchange(exchange, ensure=True)
        except ChannelNotFoundEntity as error:
            raise NoSuchExchange(exchange) from error
        except BROKER_FAILURES as error:
            raise NotConfirmed(exchange) from error

    @asynccontextmanager
    async def _good_lane(self) -> AsyncIterator[_Lane]:
        """The lane for one message; given up unless that was confirmed, or returned.

        What else is under way on it is still waited for: its confirmation may come, and without
        it the message would be published once more.
        """
        lane = await self._open_lane()
        lane.under_way += 1
        try:
            yield lane
        except Unroutable:
            raise
        except BaseException as error:
            if self._lane is lane:
                self._lane = None
                log.info("publish.channel_given_up", error=type(error).__name__)
            raise
        finally:
            lane.under_way -= 1
            if lane is not self._lane and not lane.under_way:
                self._close(lane)

    async def _open_lane(self) -> _Lane:
        async with self._opening:
            if self._lane is None or self._lane.channel.is_closed:
                connection = self._connection()
                self._lane = _Lane(await _new_channel(connection), _user_of(connection))
            return self._lane

    def _close(self, lane: _Lane) -> None:
        """In the background: a channel that waits for its queue does not answer soon."""
        task = asyncio.create_task(close_quietly(lane.channel), name="close a channel")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _connection(self) -> AbstractConnection:
        connection = self._link.current
        if connection is None:
            raise ConnectionError("there is no connection to the broker")
        return connection


def _user_of(connection: AbstractConnection) -> str | None:
    # What `aio_pika.connect` makes knows its address; its abstract type does not say so.
    return user_of(str(connection.url)) if isinstance(connection, Connection) else None


async def _new_channel(connection: AbstractConnection) -> AbstractChannel:
    channel = connection.channel(on_return_raises=True)
    await channel.initialize()
    return channel


def _message(
    body: bytes,
    *,
    type: str,  # noqa: A002 - AMQP's own word for the property
    headers: Mapping[str, str] | None,
    correlation_id: str | None,
    reply_to: str | None = None,
    content_type: str = "application/json",
) -> Message:
    return Message(
        body,
        delivery_mode=DeliveryMode.PERSISTENT,
        # Fresh each time: aio-pika tells returned messages by it, and would take the confirmation
        # of another message in flight with the same id for this one's (FACTS: aio-pika).
        message_id=str(uuid4()),
        type=type,
        content_type=content_type,
        headers=dict(headers or {}),
        correlation_id=correlation_id,
        reply_to=reply_to,
    )


async def _publish(channel: AbstractChannel, exchange: str, key: str, message: Message) -> None:
    target = await channel.get_exchange(exchange, ensure=False)
    try:
        confirmation = await target.publish(message, key, mandatory=True)
    except PublishError as error:
        raise Unroutable(exchange) from error
    except DeliveryError as error:
        raise NotConfirmed(exchange) from error
    if not isinstance(confirmation, Basic.Ack):
        raise NotConfirmed(exchange)
