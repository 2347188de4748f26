import asyncio
from datetime import timedelta

import aio_pika
import pytest

from hub.broker import (
    DEAD,
    DELIVERIES,
    Broker,
    NoSuchExchange,
    NotConfirmed,
    Unroutable,
    delivery_queue,
)
from hub.sandbox.faults.cable import Cable
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from tests.broker.conftest import a_broker

QUEUE = delivery_queue("001900")


async def publish(broker: Broker, key: str = "001900", body: bytes = b"{}") -> None:
    await broker.publisher.publish(DELIVERIES, key, body, type="reference")


async def test_a_published_message_is_in_its_queue(broker: Broker) -> None:
    await asyncio.gather(*(publish(broker) for _ in range(50)))
    assert await broker.depths([QUEUE, "hub.missing", delivery_queue("001800")]) == {
        QUEUE: 50,
        delivery_queue("001800"): 0,
    }


async def test_the_hubs_own_exchanges_learn_who_published_and_others_do_not(
    amqp_url: str, broker: Broker
) -> None:
    assert broker.users == {"guest"}
    await publish(broker)
    await broker.publisher.publish_outside(DELIVERIES, "001900", b"{}", type="reference")
    async with await aio_pika.connect(amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(QUEUE)
        first, second = [await queue.get(no_ack=True) for _ in range(2)]
    assert (first.user_id, second.user_id) == ("guest", None)


async def test_an_unroutable_message_raises_among_confirmed_ones(broker: Broker) -> None:
    outcomes = await asyncio.gather(
        *(publish(broker, key) for key in ["001900", "999999", "001800", "999999"]),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        Unroutable,
        type(None),
        Unroutable,
    ]


async def test_a_missing_exchange_outside_is_named_and_the_next_publish_works(
    broker: Broker,
) -> None:
    with pytest.raises(NoSuchExchange, match=r"no exchange portal\.refusals"):
        await broker.publisher.publish_outside("portal.refusals", "k", b"{}", type="refusal")
    await publish(broker)
    await broker.publisher.publish_outside(DEAD, "k", b"{}", type="refusal")


async def test_a_missing_exchange_of_our_own_is_not_confirmed_and_the_next_publish_works(
    broker: Broker,
) -> None:
    with pytest.raises(NotConfirmed):
        await broker.publisher.publish("hub.missing", "k", b"{}", type="reference")
    await publish(broker)


async def test_a_killed_broker_confirms_nothing_and_is_used_again_when_it_is_back(
    rabbitmq: PrivateRabbitMQ, broker: Broker
) -> None:
    async def publish_until_it_fails() -> int:
        confirmed = 0
        while True:
            try:
                await publish(broker)
            except NotConfirmed:
                return confirmed
            confirmed += 1

    publishers = [asyncio.create_task(publish_until_it_fails()) for _ in range(5)]
    await asyncio.sleep(0.1)
    await rabbitmq.kill()
    confirmed = sum(await asyncio.gather(*publishers))
    assert confirmed > 0
    with pytest.raises(NotConfirmed):
        await publish(broker)
    assert not broker.ready
    await rabbitmq.start()
    await broker.wait_ready()
    await publish(broker)
    assert (await broker.depths([QUEUE]))[QUEUE] >= confirmed + 1


async def test_a_pulled_cable_ends_a_publish_after_its_timeout(amqp_url: str, cable: Cable) -> None:
    limit = timedelta(seconds=0.5)
    async with a_broker(cable.url, publish_timeout=limit) as broker:
        await publish(broker)
        cable.black_hole()
        async with asyncio.timeout(2):
            with pytest.raises(NotConfirmed):
                await publish(broker)
        cable.heal()


async def test_a_reset_connection_ends_pending_publishes_and_comes_back(
    cable: Cable,
) -> None:
    async with a_broker(cable.url) as broker:
        cable.black_hole()
        pending = asyncio.gather(*(publish(broker) for _ in range(5)), return_exceptions=True)
        await asyncio.sleep(0.05)
        cable.heal()
        cable.reset()
        assert {type(outcome) for outcome in await pending} <= {NotConfirmed, type(None)}
        await broker.wait_ready()
        await publish(broker)


async def test_cancelling_the_caller_is_still_a_cancellation(cable: Cable) -> None:
    async with a_broker(cable.url) as broker:
        cable.black_hole()
        task = asyncio.create_task(publish(broker))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cable.heal()
