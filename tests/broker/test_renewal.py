"""A broker on which an earlier version of the hub has declared its queues."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import aio_pika
import pytest
from aio_pika.abc import AbstractConnection
from structlog.testing import capture_logs

from hub.broker import (
    DELIVERIES,
    INTAKE,
    SUBMISSIONS,
    Broker,
    Delivery,
    Topology,
    Verdict,
    delivery_queue,
)
from hub.broker.topology import IN_ORDER, Queue
from tests.broker.conftest import SMALL, a_broker

QUEUE = delivery_queue("001900")


def as_it_was(queues: Iterable[Queue]) -> tuple[Queue, ...]:
    return tuple(
        Queue(
            queue.name,
            {
                name: value
                for name, value in queue.arguments.items()
                if name != "x-single-active-consumer"
            },
        )
        for queue in queues
    )


FORMER = Topology(SMALL.exchanges, as_it_was(SMALL.queues), SMALL.bindings)


@pytest.fixture
async def visitor(amqp_url: str) -> AsyncIterator[AbstractConnection]:
    """Whoever looks at the broker from outside, where an earlier version has just been stopped."""
    async with a_broker(amqp_url, declares=FORMER):
        pass
    async with await aio_pika.connect(amqp_url) as connection:
        yield connection


async def is_in_order(visitor: AbstractConnection) -> bool:
    """Declaring it once more as it is to be is no fault."""
    [queue] = [queue for queue in SMALL.queues if queue.name == INTAKE]
    channel = await visitor.channel()
    try:
        await channel.declare_queue(queue.name, durable=True, arguments={**queue.arguments})
    except aio_pika.exceptions.ChannelPreconditionFailed:
        return False
    await channel.close()
    return True


async def test_a_queue_in_which_nothing_waits_is_replaced(
    visitor: AbstractConnection, amqp_url: str
) -> None:
    assert not await is_in_order(visitor)
    async with a_broker(amqp_url) as broker:
        await broker.publisher.publish(SUBMISSIONS, "any.001900", b"{}", type="submission")
        assert (await broker.depths(IN_ORDER))[INTAKE] == 1
    assert await is_in_order(visitor)


async def test_a_queue_in_which_something_waits_stays_and_the_log_says_what_to_do(
    visitor: AbstractConnection, amqp_url: str
) -> None:
    channel = await visitor.channel()
    exchange = await channel.get_exchange(SUBMISSIONS, ensure=False)
    await exchange.publish(aio_pika.Message(b"{}", delivery_mode=2), "any.001900")
    with capture_logs() as logs:
        async with a_broker(amqp_url) as broker:
            await broker.publisher.publish(SUBMISSIONS, "any.001900", b"{}", type="submission")
            assert (await broker.depths([INTAKE])) == {INTAKE: 2}
    refused = [each for each in logs if each["event"] == "declare.refused"]
    assert [each["name"] for each in refused] == [INTAKE]
    assert "run no second hub" in refused[0]["reason"]
    assert not await is_in_order(visitor)


async def test_a_queue_that_another_hub_consumes_stays(
    visitor: AbstractConnection, amqp_url: str
) -> None:
    async def acknowledge(delivery: Delivery) -> Verdict:
        return Verdict.ACK

    async with a_broker(amqp_url, declares=FORMER) as former:
        former.subscribe(INTAKE, acknowledge, prefetch=1)
        await former.wait_ready()
        async with a_broker(amqp_url) as broker:
            await broker.publisher.publish(SUBMISSIONS, "any.001900", b"{}", type="submission")
        assert not await is_in_order(visitor)


async def test_hubs_that_start_at_once_replace_it_once_and_nothing_is_lost(
    visitor: AbstractConnection, amqp_url: str
) -> None:
    brokers = [Broker([amqp_url], name=f"hub {number}") for number in range(3)]
    for broker in brokers:
        await broker.__aenter__()
    try:
        await asyncio.gather(*(broker.declare(SMALL) for broker in brokers))
        for broker in brokers:
            await broker.publisher.publish(SUBMISSIONS, "any.001900", b"{}", type="submission")
        assert await brokers[0].depths([INTAKE]) == {INTAKE: 3}
    finally:
        for broker in brokers:
            await broker.__aexit__(None, None, None)
    assert await is_in_order(visitor)


async def test_any_other_queue_is_replaced_as_well_or_the_log_says_why_not(amqp_url: str) -> None:
    limited = tuple(
        replace(queue, arguments={**queue.arguments, "x-delivery-limit": 7})
        for queue in SMALL.queues
    )
    former = Topology(SMALL.exchanges, limited, SMALL.bindings)
    async with a_broker(amqp_url, declares=former) as broker:
        await broker.publisher.publish(DELIVERIES, "001900", b"{}", type="deliver")
    with capture_logs() as logs:
        async with a_broker(amqp_url) as broker:
            await broker.publisher.publish(DELIVERIES, "001900", b"{}", type="deliver")
            assert await broker.depths([QUEUE]) == {QUEUE: 2}
    refused = {each["name"]: each["reason"] for each in logs if each["event"] == "declare.refused"}
    assert refused.keys() == {QUEUE}
    assert "the first to start replaces it" in refused[QUEUE]
    renewed = {each["name"] for each in logs if each["event"] == "declare.renewed"}
    assert renewed == {queue.name for queue in SMALL.queues} - {QUEUE}
