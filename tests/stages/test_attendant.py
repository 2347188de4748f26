"""How a place that was away is given its messages again, with a real queue and a real store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.broker import DELIVERIES, Broker, Delivery, Subscription, Verdict, delivery_queue, topology
from hub.model.identifiers import AuthorityKey
from hub.stages.parking import Attendant
from hub.store import Sealer, Store, open_store, park, unpark
from tests.store.building import NOW

PLACE, OTHER = AuthorityKey("990001"), AuthorityKey("990002")
USUALLY = 8


class Doorkeeper:
    """A handler that lets nobody out until told to."""

    def __init__(self) -> None:
        self.inside = 0
        self._out = asyncio.Semaphore(0)
        self._changed = asyncio.Condition()

    async def handle(self, _delivery: Delivery) -> Verdict:
        await self._count(+1)
        await self._out.acquire()
        await self._count(-1)
        return Verdict.ACK

    def let_out(self, number: int) -> None:
        for _ in range(number):
            self._out.release()

    async def until(self, inside: int) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self.inside == inside)

    async def _count(self, change: int) -> None:
        async with self._changed:
            self.inside += change
            self._changed.notify_all()


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker([amqp_url], name="hub") as broker:
        await broker.declare(topology([PLACE, OTHER], []))
        for key in [PLACE] * 40 + [OTHER]:
            await broker.publisher.publish(DELIVERIES, key, b"{}", type="deliver")
        yield broker


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path, sealer) as store:
        yield store


async def until_not_consuming(subscription: Subscription) -> None:
    async with asyncio.timeout(30):
        while subscription.consuming:  # noqa: ASYNC110 - the subscription tells nobody
            await asyncio.sleep(0.01)


async def test_who_comes_back_is_given_one_then_two_then_four(broker: Broker, store: Store) -> None:
    await store.run(lambda c: park(c, PLACE, "endpoint.busy", NOW, NOW))
    door = Doorkeeper()
    place = broker.subscribe(delivery_queue(PLACE), door.handle, prefetch=USUALLY)
    place.hold()
    attendant = Attendant(store, {PLACE: place}, lambda: NOW)
    try:
        await attendant.look()  # the time of the probe
        await door.until(1)
        await store.run(lambda c: unpark(c, PLACE))
        await attendant.look()
        widths = []
        for at_once in (1, 2, 4, 8):
            await door.until(at_once)
            widths.append(door.inside)
            await attendant.look()  # none has come through since: no more are let in
            door.let_out(at_once)
            if at_once == 1:  # the probe itself; the first of the rest comes next
                await door.until(0)
                await door.until(1)
                await attendant.look()
                door.let_out(1)
        assert widths == [1, 2, 4, 8]
    finally:
        door.let_out(100)
        await place.close()


async def test_a_handler_that_hangs_keeps_nobody_else_from_being_resumed(
    broker: Broker, store: Store
) -> None:
    now = NOW
    hanging, passing = Doorkeeper(), Doorkeeper()
    dead = broker.subscribe(delivery_queue(PLACE), hanging.handle, prefetch=1)
    back = broker.subscribe(delivery_queue(OTHER), passing.handle, prefetch=1)
    attendant = Attendant(store, {PLACE: dead, OTHER: back}, lambda: now)
    try:
        await hanging.until(1)
        await passing.until(1)
        passing.let_out(1)
        await store.run(lambda c: park(c, OTHER, "endpoint.busy", now, _after(now, 1)))
        await attendant.look()
        await until_not_consuming(back)

        await broker.publisher.publish(DELIVERIES, OTHER, b"{}", type="deliver")
        await store.run(lambda c: park(c, PLACE, "endpoint.busy", now, _after(now, 60)))
        now = _after(now, 1)
        await attendant.look()  # parks the one that hangs, and probes the other

        await passing.until(1)
        assert hanging.inside == 1
    finally:
        hanging.let_out(100)
        passing.let_out(100)
        await asyncio.gather(dead.close(), back.close())


def _after(moment: datetime, minutes: int) -> datetime:
    return moment + timedelta(minutes=minutes)
