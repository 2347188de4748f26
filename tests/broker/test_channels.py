"""Who shares a channel does not notice what happens to the others on it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Self

import pytest
from structlog.testing import capture_logs

from hub.broker import (
    DELIVERIES,
    INTAKE,
    INTERPRET,
    Broker,
    Delivery,
    Subscription,
    Verdict,
    delivery_queue,
    topology,
)
from hub.broker import channels as channels_module
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from tests.broker.conftest import a_broker

KEYS = ("001900", "001800", "001700")
ONE, OTHER, THIRD = map(delivery_queue, KEYS)
THREE = topology(KEYS, ["local"])


class Desk:
    """A handler that counts what it is given, and lets it lie until told.

    At the latest until its block ends: a broker that ends would wait for it.
    """

    def __init__(self) -> None:
        self.given: Counter[bytes] = Counter()
        self.attempts: list[int] = []
        self.open = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()

    async def __call__(self, delivery: Delivery) -> Verdict:
        self.given[delivery.body] += 1
        self.attempts.append(delivery.attempts)
        await self.open.wait()
        return Verdict.ACK


def an_open_desk() -> Desk:
    with Desk() as desk:
        return desk


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with a_broker(amqp_url, declares=THREE) as broker:
        yield broker


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what the broker does sets no event of ours
            await asyncio.sleep(0.01)


async def publish(broker: Broker, queue: str, *bodies: bytes) -> None:
    key = queue.removeprefix(delivery_queue(""))
    for body in bodies:
        await broker.publisher.publish(DELIVERIES, key, body, type="reference")


def shared(broker: Broker) -> list[set[str]]:
    """The queues consumed on each shared channel."""
    return [
        {tag.rsplit(".", 1)[0] for tag in channel.seats}
        for channel in broker._channels._shared
        if not channel.retired
    ]


@asynccontextmanager
async def a_neighbour(broker: Broker) -> AsyncIterator[Subscription]:
    """Has a message at work all the while, which is given out once and settled in the end."""
    with Desk() as desk:
        neighbour = broker.subscribe(OTHER, desk, prefetch=2)
        await publish(broker, OTHER, b"at work")
        await until(lambda: desk.given.total() == 1)
        yield neighbour
    await publish(broker, OTHER, b"next")
    await until(lambda: b"next" in desk.given)
    await neighbour.pause()
    assert desk.given == {b"at work": 1, b"next": 1}
    assert await broker.depths([OTHER]) == {OTHER: 0}


async def test_a_channel_is_shared_by_so_many_and_closed_by_the_last(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels_module, "_SEATS", 2)
    every = {queue: broker.subscribe(queue, Desk(), prefetch=1) for queue in (ONE, OTHER, THIRD)}
    await broker.wait_ready()
    assert sorted(map(len, shared(broker))) == [1, 2]
    first = next(queues for queues in shared(broker) if len(queues) == 2)
    for queue in first:
        await every[queue].close()
    assert shared(broker) == [every.keys() - first]


async def test_what_is_consumed_in_order_shares_with_nobody(broker: Broker) -> None:
    for queue in (INTAKE, INTERPRET, ONE, OTHER):
        broker.subscribe(queue, Desk(), prefetch=1)
    await broker.wait_ready()
    assert shared(broker) == [{ONE, OTHER}]


async def test_each_is_given_as_many_at_a_time_as_it_asked_for(broker: Broker) -> None:
    with ExitStack() as work:
        desks = {queue: work.enter_context(Desk()) for queue in (ONE, OTHER, THIRD)}
        for queue in desks:
            await publish(broker, queue, *(b"%d" % number for number in range(5)))
        for prefetch, (queue, desk) in enumerate(desks.items(), 1):
            broker.subscribe(queue, desk, prefetch=prefetch)
        await until(lambda: [desk.given.total() for desk in desks.values()] == [1, 2, 3])
        assert await broker.depths(desks) == {ONE: 4, OTHER: 3, THIRD: 2}


@asynccontextmanager
async def anew(subscription: Subscription) -> AsyncIterator[None]:
    """Ends when it has subscribed again."""
    before = subscription._seat
    yield
    await until(lambda: subscription._seat not in (None, before))


async def _paused(_: Broker, subscription: Subscription) -> None:
    async with anew(subscription):
        await subscription.pause()
        await subscription.resume()


async def _widened(_: Broker, subscription: Subscription) -> None:
    async with anew(subscription):
        await subscription.resume(prefetch=7)


async def _closed(_: Broker, subscription: Subscription) -> None:
    await subscription.close()


async def _deleted(broker: Broker, subscription: Subscription) -> None:
    connection = await broker._publishing.connection()
    async with anew(subscription), connection.channel() as channel:
        await channel.queue_delete(ONE)


async def _restarted(_: Broker, subscription: Subscription) -> None:
    async with anew(subscription):
        subscription.restart()


@pytest.mark.parametrize("happens", [_paused, _widened, _closed, _deleted, _restarted])
async def test_what_happens_to_one_takes_nothing_from_the_others(
    broker: Broker, happens: Callable[[Broker, Subscription], Awaitable[None]]
) -> None:
    async with a_neighbour(broker):
        desk = an_open_desk()
        subscription = broker.subscribe(ONE, desk, prefetch=2)
        await broker.wait_ready()
        assert shared(broker) == [{ONE, OTHER}]
        await happens(broker, subscription)
        if not subscription.closed:
            await publish(broker, ONE, b"again")
            await until(lambda: desk.given == {b"again": 1})


async def test_a_queue_that_is_missing_takes_nothing_from_the_others(broker: Broker) -> None:
    async with a_neighbour(broker) as neighbour:
        with capture_logs() as logs:
            missing = broker.subscribe("hub.missing", Desk(), prefetch=1)
            await until(lambda: len([each for each in logs if "error" in each]) >= 2)
        assert neighbour.consuming
        await missing.close()


async def test_a_queue_that_the_broker_refuses_takes_from_the_others_once_at_most(
    rabbitmq: PrivateRabbitMQ, broker: Broker, amqp_url: str
) -> None:
    del broker  # it has declared everything
    vhost = amqp_url.rsplit("/", 1)[1]
    url = await rabbitmq.user("clerk", "x", ".*", ".*", f"^(?!{ONE}$).*", vhost)
    async with a_broker(url, declares=THREE) as limited:
        with Desk() as desk, capture_logs() as logs:
            neighbour = limited.subscribe(OTHER, desk, prefetch=2)
            await publish(limited, OTHER, b"at work")
            await until(lambda: desk.given.total() == 1)
            refused = limited.subscribe(ONE, desk, prefetch=1)
            await until(lambda: [e.get("error") for e in logs].count("ChannelAccessRefused") >= 4)
            await until(lambda: shared(limited) == [{OTHER}])
            assert desk.given.total() <= 2
        await refused.close()
        await neighbour.pause()
        assert await limited.depths([OTHER]) == {OTHER: 0}


async def test_a_queue_without_a_leader_takes_from_the_others_once_at_most(
    rabbitmq: PrivateRabbitMQ, broker: Broker, amqp_url: str
) -> None:
    """RabbitMQ 3.10 closes the whole connection of who consumes it."""
    vhost = amqp_url.rsplit("/", 1)[1]
    found = f'rabbit_amqqueue:lookup(rabbit_misc:r(<<"{vhost}">>, queue, <<"{ONE}">>))'
    leader = f"{{ok, Queue}} = {found}, Server = amqqueue:get_pid(Queue)"
    with Desk() as desk, capture_logs() as logs:
        neighbour = broker.subscribe(OTHER, desk, prefetch=2)
        await publish(broker, OTHER, b"at work")
        await until(lambda: desk.given.total() == 1)
        await rabbitmq.evaluate(f"{leader}, ok = ra:stop_server(quorum_queues, Server).")
        subscription = broker.subscribe(ONE, desk, prefetch=1)
        failed = {"event": "subscription.failed", "queue": ONE, "log_level": "warning"}
        await until(lambda: sum(failed.items() <= each.items() for each in logs) >= 4)
        await until(lambda: neighbour.consuming)
        assert [each["event"] for each in logs].count("broker.lost") == 1
        assert desk.given.total() <= 2
    await rabbitmq.evaluate(f"{leader}, ok = ra:restart_server(quorum_queues, Server).")
    await until(lambda: subscription.consuming)
    await publish(broker, ONE, b"again")
    await until(lambda: b"again" in desk.given)
    await subscription.close()


async def test_what_comes_while_a_consumer_ends_is_given_back_once(broker: Broker) -> None:
    desk = an_open_desk()
    neighbour = broker.subscribe(OTHER, Desk(), prefetch=1)
    subscription = broker.subscribe(ONE, desk, prefetch=2)
    await broker.wait_ready()
    [channel] = broker._channels._shared
    async with channel._lock:  # another has just asked the broker for something
        subscription.hold()
        await publish(broker, ONE, b"1", b"2", b"3")
        await until(lambda: len(subscription._running) == 2)
    await subscription.pause()
    assert (subscription.taken, desk.given.total()) == (0, 0)
    async with asyncio.timeout(60):
        while await broker.depths([ONE]) != {ONE: 3}:  # noqa: ASYNC110 - it is given back soon
            await asyncio.sleep(0.01)
    assert neighbour.consuming
    await subscription.resume()
    await until(lambda: desk.given == {b"1": 1, b"2": 1, b"3": 1})
    assert sorted(desk.attempts) == [1, 2, 2]


async def test_all_subscribe_again_when_the_broker_closes_their_channel(broker: Broker) -> None:
    desk = an_open_desk()
    subscriptions = [broker.subscribe(queue, desk, prefetch=1) for queue in (ONE, OTHER)]
    await broker.wait_ready()
    [channel] = broker._channels._shared
    # Nothing was ever delivered under this tag: 406, which ends the channel alone.
    await (await channel.channel.get_underlay_channel()).basic_ack(999)
    await until(lambda: channel.retired and not channel.seats)
    await broker.wait_ready()
    assert shared(broker) == [{ONE, OTHER}]
    for queue in (ONE, OTHER):
        await publish(broker, queue, queue.encode())
    await until(lambda: desk.given == {ONE.encode(): 1, OTHER.encode(): 1})
    assert all(each.taken == 1 for each in subscriptions)


async def test_what_got_lost_on_the_way_comes_back_when_its_consumer_restarts(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ignore(*_: object) -> None:
        ignored.set()

    ignored = asyncio.Event()
    desk = an_open_desk()
    async with a_neighbour(broker):
        with monkeypatch.context() as deaf:
            deaf.setattr(Subscription, "_take", ignore)
            subscription = broker.subscribe(ONE, desk, prefetch=1)
            await broker.wait_ready()
        await publish(broker, ONE, b"lost")
        await ignored.wait()
        subscription.restart()
    await until(lambda: desk.given == {b"lost": 1})
