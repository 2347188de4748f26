"""Who is cancelled ends, and costs nobody else the connection.

A task that went on would keep a hub that was told to end from ending.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from hub.broker import INTAKE, Broker, NoSuchExchange
from hub.broker.channels import Channels
from tests.broker.conftest import a_broker, numbers_are_free

TIMES = 300
MISSING = "hub.missing"


async def look(broker: Broker) -> None:
    await broker.depths([INTAKE])


async def look_in_vain(broker: Broker) -> None:
    await broker.depths([MISSING])


async def remove_in_vain(broker: Broker) -> None:
    await broker.remove_if_empty(MISSING)


async def look_for_exchange_in_vain(broker: Broker) -> None:
    with pytest.raises(NoSuchExchange):
        await broker.publisher.look_for_exchange(MISSING)


async def publish_in_vain(broker: Broker) -> None:
    with pytest.raises(NoSuchExchange):
        await broker.publisher.publish_outside(MISSING, "", b"{}", type="refusal")


async def consume_beside_others(broker: Broker) -> None:
    await _consume(broker, INTAKE, alone=False)


async def consume_alone_in_vain(broker: Broker) -> None:
    with pytest.raises(ChannelNotFoundEntity):
        await _consume(broker, MISSING, alone=True)


async def _consume(broker: Broker, queue: str, *, alone: bool) -> None:
    connection = await broker._consuming.connection()
    async with Channels().seat(connection, queue, asyncio.Event(), alone=alone) as seat:
        await seat.consume(_take_nothing, prefetch=1)
        await seat.cancel()


async def _take_nothing(_: object) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    "asked",
    [
        look,
        look_in_vain,
        remove_in_vain,
        look_for_exchange_in_vain,
        publish_in_vain,
        consume_beside_others,
        consume_alone_in_vain,
    ],
)
async def test_at_no_step_is_a_cancellation_or_the_connection_lost(
    amqp_url: str, asked: Callable[[Broker], Awaitable[None]]
) -> None:
    met, step = Counter[str](), 0
    async with a_broker(amqp_url) as broker:
        before = connections(broker)
        for _ in range(TIMES):
            outcome = await cancelled_at(step, asked(broker))
            met[outcome] += 1
            step = 0 if outcome == "done before" else step + 1 + step // 50
        for connection in before:
            await numbers_are_free(connection)
        assert connections(broker) == before
    assert met.keys() == {"cancelled", "done before"}, met


def connections(broker: Broker) -> list[AbstractConnection]:
    both = (broker._consuming.current, broker._publishing.current)
    return [each for each in both if each is not None]


async def cancelled_at(step: int, work: Awaitable[None]) -> str:
    """What became of it when it was cancelled so many steps of the event loop after its start."""
    task = asyncio.ensure_future(work)
    for _ in range(step):
        await asyncio.sleep(0)
    if not task.cancel():
        await task
        return "done before"
    await asyncio.wait([task])
    if task.cancelled():
        return "cancelled"
    return f"failed: {error!r}" if (error := task.exception()) else "went on"
