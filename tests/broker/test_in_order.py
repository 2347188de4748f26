"""Two hubs at one broker: what is consumed in order is consumed by one of them at a time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.broker import SUBMISSIONS, Broker, Delivery, Subscription, Verdict
from hub.broker.topology import INTAKE
from tests.broker.conftest import a_broker


class Desk:
    """One hub's handler: keeps what it is given in order, and lets it lie until told."""

    def __init__(self, name: str, given: list[tuple[str, bytes]]) -> None:
        self.name = name
        self.given = given
        self.fails: set[bytes] = set()
        self.open = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> Verdict:
        self.given.append((self.name, delivery.body))
        await self.open.wait()
        return Verdict.REQUEUE if delivery.body in self.fails else Verdict.ACK


@pytest.fixture
async def other(broker: Broker, amqp_url: str) -> AsyncIterator[Broker]:
    del broker  # it has declared everything
    async with a_broker(amqp_url) as other:
        yield other


@pytest.fixture
def given() -> list[tuple[str, bytes]]:
    """Who was given what, in order."""
    return []


@pytest.fixture
async def first(broker: Broker, given: list[tuple[str, bytes]]) -> AsyncIterator[Desk]:
    del broker  # ends after it, and would wait for it
    desk = Desk("first", given)
    yield desk
    desk.open.set()


@pytest.fixture
async def second(other: Broker, given: list[tuple[str, bytes]]) -> AsyncIterator[Desk]:
    del other
    desk = Desk("second", given)
    yield desk
    desk.open.set()


async def submit(broker: Broker, *bodies: bytes) -> None:
    for body in bodies:
        await broker.publisher.publish(SUBMISSIONS, "any.001900", body, type="submission")


async def until(given: list[tuple[str, bytes]], count: int) -> None:
    async with asyncio.timeout(60):
        while len(given) < count:  # noqa: ASYNC110 - two hubs append to it
            await asyncio.sleep(0.01)


async def consuming(subscription: Subscription) -> Subscription:
    async with asyncio.timeout(60):
        while not subscription.consuming:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return subscription


async def test_the_next_consumer_waits_for_what_the_last_one_has_at_work(
    broker: Broker, other: Broker, first: Desk, second: Desk, given: list[tuple[str, bytes]]
) -> None:
    active = await consuming(broker.subscribe(INTAKE, first, prefetch=2))
    await submit(broker, b"1", b"2", b"3", b"4")
    await until(given, 2)
    await consuming(other.subscribe(INTAKE, second, prefetch=2))
    ending = asyncio.create_task(active.close())
    await asyncio.sleep(0)  # it has begun to end
    assert await other.queue_states([INTAKE])  # whoever was to be given something has it by now
    assert [name for name, _ in given] == ["first", "first"]
    first.open.set()
    second.open.set()
    await ending
    await until(given, 4)
    assert given == [("first", b"1"), ("first", b"2"), ("second", b"3"), ("second", b"4")]


async def test_what_fails_while_its_consumer_ends_is_given_to_the_next_in_its_place(
    broker: Broker, other: Broker, first: Desk, second: Desk, given: list[tuple[str, bytes]]
) -> None:
    second.open.set()
    first.fails = {b"1", b"3"}
    active = await consuming(broker.subscribe(INTAKE, first, prefetch=3))
    await submit(broker, b"1", b"2", b"3", b"4")
    await until(given, 3)
    await consuming(other.subscribe(INTAKE, second, prefetch=3))
    ending = asyncio.create_task(active.close())
    await asyncio.sleep(0)
    first.open.set()
    await ending
    await until(given, 6)
    assert [body for name, body in given if name == "second"] == [b"1", b"3", b"4"]


async def test_when_the_one_that_consumes_is_gone_the_other_goes_on_in_order(
    broker: Broker, other: Broker, first: Desk, second: Desk, given: list[tuple[str, bytes]]
) -> None:
    second.open.set()
    await consuming(broker.subscribe(INTAKE, first, prefetch=2))
    await submit(broker, b"1", b"2", b"3")
    await until(given, 2)
    await consuming(other.subscribe(INTAKE, second, prefetch=1))
    await broker._consuming._disconnect()  # as if its process had been killed
    await until(given, 5)
    assert [body for name, body in given if name == "second"] == [b"1", b"2", b"3"]
