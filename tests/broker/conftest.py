"""A hub's broker with two authorities, and hands to look into queues from outside."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest

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
