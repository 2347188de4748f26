"""A hub's broker with two authorities, and hands to look into queues from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from aio_pika.abc import AbstractConnection

from hub.broker import Broker, Topology, topology

SMALL = topology(["001900", "001800"], ["local"])


@asynccontextmanager
async def a_broker(
    *urls: str, declares: Topology = SMALL, publish_timeout: timedelta = timedelta(seconds=10)
) -> AsyncIterator[Broker]:
    broker = Broker(urls, name="test", publish_timeout=publish_timeout)
    broker.on_connected.append(partial(broker.declare, declares))
    async with broker:
        yield broker


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(a_broker(amqp_url))


async def numbers_are_free(connection: AbstractConnection) -> None:
    """What the hub takes for a free number of a channel is one for the broker, too.

    It ends the whole connection at a channel that it has open already.
    """
    async with asyncio.timeout(60):
        await connection.channel().initialize()  # with that, whatever was on its way has come
        assert connection.transport is not None
        underlay = connection.transport.connection
        for number in {*range(1, underlay.last_channel + 10)}.difference(underlay.channels):
            await underlay.channel(number)
