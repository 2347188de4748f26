import asyncio
from collections import Counter
from datetime import timedelta

import aio_pika
import pytest

from hub.broker import (
    DEAD_LETTERS,
    DELIVERIES,
    Broker,
    Delivery,
    Subscription,
    Verdict,
    delivery_queue,
)
from hub.broker import consumer as consumer_module
from hub.broker import progress as progress_module
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from tests.broker.conftest import a_broker

QUEUE = delivery_queue("001900")


class Inbox:
    """A handler that keeps what it got, and can be held up."""

    def __init__(self) -> None:
        self.seen: Counter[bytes] = Counter()
        self.open = asyncio.Event()
        self.open.set()
        self.at_work = asyncio.Event()
        self._arrived = asyncio.Condition()

    async def __call__(self, delivery: Delivery) -> Verdict:
        self.at_work.set()
        await self.open.wait()
        async with self._arrived:
            self.seen[delivery.body] += 1
            self._arrived.notify_all()
        return Verdict.ACK

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60), self._arrived:
            await self._arrived.wait_for(lambda: len(self.seen) >= count)


async def publish(broker: Broker, *bodies: bytes, key: str = "001900") -> None:
    for body in bodies:
        await broker.publisher.publish(DELIVERIES, key, body, type="reference")


async def test_no_name_that_a_sender_gives_holds_what_the_store_cannot_keep(
    broker: Broker,
) -> None:
    taken: asyncio.Queue[Delivery] = asyncio.Queue()

    async def keep(delivery: Delivery) -> Verdict:
        await taken.put(delivery)
        return Verdict.ACK

    broker.subscribe("hub.deliver.001900", keep, prefetch=1)
    await broker.publisher.publish(
        DELIVERIES, "001900", b"{}", type="a\0", correlation_id="\0b", headers={"h": "\0"}
    )
    told = await asyncio.wait_for(taken.get(), 30)
    assert (told.type, told.correlation_id, told.headers["h"]) == ("a?", "?b", "?")


async def test_a_delivery_carries_what_was_published(broker: Broker) -> None:
    deliveries: asyncio.Queue[Delivery] = asyncio.Queue()

    async def keep(delivery: Delivery) -> Verdict:
        deliveries.put_nowait(delivery)
        return Verdict.ACK

    broker.subscribe(QUEUE, keep, prefetch=1)
    await broker.publisher.publish(
        DELIVERIES,
        "001900",
        b"body",
        type="reference",
        headers={"trace": "t"},
        correlation_id="c",
    )
    delivery = await deliveries.get()
    assert (delivery.body, delivery.routing_key, delivery.exchange, delivery.queue) == (
        b"body",
        "001900",
        DELIVERIES,
        QUEUE,
    )
    assert (delivery.type, delivery.correlation_id, delivery.headers) == (
        "reference",
        "c",
        {"trace": "t"},
    )
    assert delivery.message_id is not None
    assert delivery.death is None
    assert not delivery.redelivered


async def test_consuming_goes_on_after_the_broker_was_killed(
    rabbitmq: PrivateRabbitMQ, broker: Broker
) -> None:
    inbox = Inbox()
    broker.subscribe(QUEUE, inbox, prefetch=10)
    await publish(broker, b"before")
    await inbox.until(1)
    await rabbitmq.kill()
    await rabbitmq.start()
    await broker.wait_ready()
    await publish(broker, b"after")
    await inbox.until(2)


async def test_a_message_at_work_when_the_broker_is_killed_comes_again(
    rabbitmq: PrivateRabbitMQ, broker: Broker
) -> None:
    inbox = Inbox()
    inbox.open.clear()
    broker.subscribe(QUEUE, inbox, prefetch=10)
    await publish(broker, b"one")
    await inbox.at_work.wait()
    await rabbitmq.kill()
    inbox.open.set()
    await inbox.until(1)
    await rabbitmq.start()
    await broker.wait_ready()
    await publish(broker, b"two")
    await inbox.until(2)
    assert inbox.seen[b"one"] == 2


async def test_a_wiped_broker_comes_back_with_its_topology(
    rabbitmq: PrivateRabbitMQ, broker: Broker
) -> None:
    inbox = Inbox()
    broker.subscribe(QUEUE, inbox, prefetch=10)
    await broker.wait_ready()
    await rabbitmq.wipe()
    await broker.wait_ready()
    await publish(broker, b"after")
    await inbox.until(1)


async def test_pausing_waits_for_the_handler_and_leaves_the_rest_in_the_queue(
    broker: Broker,
) -> None:
    inbox = Inbox()
    inbox.open.clear()
    subscription = broker.subscribe(QUEUE, inbox, prefetch=1)
    await publish(broker, b"1", b"2", b"3")
    await inbox.at_work.wait()
    pausing = asyncio.create_task(subscription.pause())
    await asyncio.sleep(0.05)
    assert not pausing.done()
    inbox.open.set()
    await pausing
    assert inbox.seen == {b"1": 1}
    assert await broker.depths([QUEUE]) == {QUEUE: 2}
    assert broker.ready
    await subscription.resume(prefetch=5)
    await inbox.until(3)
    assert inbox.seen == {b"1": 1, b"2": 1, b"3": 1}


async def test_handlers_may_pause_their_own_queue(broker: Broker) -> None:
    seen: list[bytes] = []
    subscriptions: list[Subscription] = []

    async def park(delivery: Delivery) -> Verdict:
        await subscriptions[0].pause()
        seen.append(delivery.body)
        return Verdict.ACK

    await publish(broker, b"1", b"2", b"3", b"4")
    subscriptions.append(broker.subscribe(QUEUE, park, prefetch=2))
    async with asyncio.timeout(10):
        while not (subscriptions[0].paused and seen):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
        await subscriptions[0].pause()
    assert 1 <= len(seen) <= 2
    async with asyncio.timeout(10):
        while (await broker.depths([QUEUE]))[QUEUE] != 4 - len(seen):  # noqa: ASYNC110 - given back soon
            await asyncio.sleep(0.01)
    assert len(seen) <= 2


async def test_a_handler_that_always_fails_ends_as_a_dead_letter(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        consumer_module, "PAUSE_AFTER_FAILURE", consumer_module.PAUSE_AFTER_FAILURE * 0
    )
    attempts = 0

    async def fail(_: Delivery) -> Verdict:
        nonlocal attempts
        attempts += 1
        raise LookupError("a fault of ours")

    dead: asyncio.Queue[Delivery] = asyncio.Queue()

    async def bury(delivery: Delivery) -> Verdict:
        dead.put_nowait(delivery)
        return Verdict.ACK

    broker.subscribe(QUEUE, fail, prefetch=1)
    broker.subscribe(DEAD_LETTERS, bury, prefetch=1)
    await publish(broker, b"poison")
    delivery = await asyncio.wait_for(dead.get(), 60)
    assert delivery.body == b"poison"
    assert delivery.death is not None
    assert (delivery.death.queue, delivery.death.reason) == (QUEUE, "delivery_limit")
    assert attempts == 21


async def test_a_deleted_queue_comes_back_and_is_consumed(amqp_url: str, broker: Broker) -> None:
    inbox = Inbox()
    subscription = broker.subscribe(QUEUE, inbox, prefetch=10)
    await broker.wait_ready()
    async with await aio_pika.connect(amqp_url) as connection:
        await (await connection.channel()).queue_delete(QUEUE)
    async with asyncio.timeout(10):
        while subscription.consuming:  # noqa: ASYNC110 - the broker's cancel sets no event of ours
            await asyncio.sleep(0.01)
        await broker.wait_ready()
    await publish(broker, b"again")
    await inbox.until(1)


async def test_a_queue_with_other_arguments_stops_no_other(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        await (await connection.channel()).declare_queue(QUEUE, durable=True)
    inbox = Inbox()
    async with a_broker(amqp_url) as broker:
        broker.subscribe(QUEUE, inbox, prefetch=1)
        broker.subscribe(delivery_queue("001800"), inbox, prefetch=1)
        await broker.wait_ready()
        await publish(broker, b"other", key="001800")
        await publish(broker, b"as it is", key="001900")
        await inbox.until(2)


async def test_a_consumer_that_looks_alive_and_does_nothing_is_replaced(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ignore(*_: object) -> None:
        return

    monkeypatch.setattr(progress_module, "LOOK_EVERY", timedelta(seconds=0.1))
    inbox = Inbox()
    async with a_broker(amqp_url) as broker:
        with monkeypatch.context() as deaf:
            deaf.setattr(Subscription, "_take", ignore)
            subscription = broker.subscribe(QUEUE, inbox, prefetch=1)
            await broker.wait_ready()
        await publish(broker, b"1", b"2")
        await inbox.until(2)
        assert subscription.taken == 2


async def test_a_subscription_to_a_missing_queue_stops_no_other_and_shows(broker: Broker) -> None:
    inbox = Inbox()
    missing = broker.subscribe("hub.missing", inbox, prefetch=1)
    present = broker.subscribe(QUEUE, inbox, prefetch=1)
    await publish(broker, b"1")
    await inbox.until(1)
    assert present.consuming
    assert not missing.consuming
    assert not broker.ready
    await missing.close()
    assert broker.ready


async def test_leaving_waits_for_the_handler_at_work_and_loses_nothing(amqp_url: str) -> None:
    inbox = Inbox()
    inbox.open.clear()
    async with a_broker(amqp_url) as broker:
        broker.subscribe(QUEUE, inbox, prefetch=2)
        await publish(broker, b"1", b"2", b"3")
        await inbox.at_work.wait()
        asyncio.get_running_loop().call_later(0.2, inbox.open.set)
    done = len(inbox.seen)
    assert done >= 1
    async with a_broker(amqp_url) as broker:
        assert await broker.depths([QUEUE]) == {QUEUE: 3 - done}


async def test_a_host_that_is_away_is_passed_over(amqp_url: str) -> None:
    async with asyncio.timeout(20), a_broker("amqp://127.0.0.1:1/", amqp_url) as broker:
        await publish(broker, b"1")
