"""DISPATCH in front of a backlog, with a real broker and a real store."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.broker import REFUSALS, Broker, Delivery, Verdict, delivery_queue, topology
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.model.reference import Reference
from hub.stages import dispatch
from hub.stages.dispatch import Dispatch
from hub.stages.placing import place_owed
from hub.store import (
    PUBLISH_GRACE,
    Connection,
    Sealer,
    Store,
    bury,
    journey,
    message_by_id,
    open_store,
    refusals_owed,
)
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put, put_postponed

LONG, SHORT = AuthorityKey("990001"), AuthorityKey("990002")
GONE = AuthorityKey("990009")
"""In no table any more."""
QUEUES = {key: delivery_queue(key) for key in (LONG, SHORT)}


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker([amqp_url], name="hub") as broker:
        await broker.declare(topology(QUEUES, []))
        yield broker


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path, sealer) as store:
        yield store


async def owe(store: Store, key: AuthorityKey, count: int) -> set[MessageUuid]:
    cases = [a_case(authority=key) for _ in range(count)]
    rows = [(case, a_message(case, trace=None)) for case in cases]
    await store.run(lambda c: [put(c, case, row) for case, row in rows])
    return {row.id for _, row in rows}


async def taken_from(broker: Broker, key: AuthorityKey, count: int) -> list[MessageUuid]:
    taken: list[MessageUuid] = []
    enough = asyncio.Event()

    async def take(delivery: Delivery) -> Verdict:
        taken.append(Reference.model_validate_json(delivery.body).message)
        if len(taken) >= count:
            enough.set()
        return Verdict.ACK

    subscription = broker.subscribe(QUEUES[key], take, prefetch=100)
    async with asyncio.timeout(30):
        await enough.wait()
    await subscription.close()
    return taken


def a_dispatch(broker: Broker, store: Store) -> Dispatch:
    return Dispatch(
        store, broker.publisher, broker.depths, lambda: datetime.now(UTC), timedelta(days=1)
    )


async def test_a_backlog_reaches_the_broker_in_parts_and_each_once(
    broker: Broker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_REFILL", 60)
    monkeypatch.setattr(dispatch, "_AT_LEAST", 1)
    owed = await owe(store, LONG, 100)
    few = await owe(store, SHORT, 5)
    filling, before = a_dispatch(broker, store), NOW + PUBLISH_GRACE

    await filling.fill_dry_queues(before)

    # A fair share for each, and whoever needs less leaves the rest for the next time.
    assert await broker.depths(QUEUES.values()) == {QUEUES[LONG]: 30, QUEUES[SHORT]: 5}
    await filling.fill_dry_queues(before)
    assert await broker.depths(QUEUES.values()) == {QUEUES[LONG]: 30, QUEUES[SHORT]: 5}

    taken = await taken_from(broker, LONG, 30)
    await filling.fill_dry_queues(before)  # nobody else has run dry: all of it is for this one
    assert await broker.depths([QUEUES[LONG]]) == {QUEUES[LONG]: 60}
    taken += await taken_from(broker, LONG, 60)
    await filling.fill_dry_queues(before)
    taken += await taken_from(broker, LONG, 10)
    assert len(taken) == len(owed)
    assert set(taken) == owed
    assert set(await taken_from(broker, SHORT, 5)) == few


async def test_what_lies_in_slower_queues_counts(
    broker: Broker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_REFILL", 60)
    monkeypatch.setattr(dispatch, "_AT_LEAST", 1)
    await owe(store, LONG, 200)
    filling, before = a_dispatch(broker, store), NOW + PUBLISH_GRACE
    await filling.fill_dry_queues(before)
    await owe(store, SHORT, 200)

    await filling.fill_dry_queues(before)

    assert await broker.depths(QUEUES.values()) == {QUEUES[LONG]: 60, QUEUES[SHORT]: 1}


async def test_a_broker_that_goes_while_it_is_asked_ends_one_look_only(
    broker: Broker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_EVERY", dispatch._EVERY / 20)
    monkeypatch.setattr(dispatch, "_REFILL_EVERY", dispatch._EVERY)
    await owe(store, LONG, 1)
    asked = 0

    async def depths(queues: Iterable[str]) -> Mapping[str, int]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise TimeoutError("there is no connection to consume with")
        return await broker.depths(queues)

    running = asyncio.create_task(
        Dispatch(
            store, broker.publisher, depths, lambda: datetime.now(UTC), timedelta(days=1)
        ).run()
    )
    try:
        assert len(await taken_from(broker, LONG, 1)) == 1
        assert asked > 1
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_who_has_no_queue_keeps_nobody_waiting_and_is_named(
    broker: Broker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_EVERY", dispatch._EVERY / 20)
    began = time.monotonic()
    dispatching = Dispatch(
        store,
        broker.publisher,
        broker.depths,
        lambda: NOW + timedelta(seconds=time.monotonic() - began),
        timedelta(days=1),
    )
    letter = a_dead_letter(reply_to=REFUSALS, correlation="ours")
    await store.run(lambda c: bury(c, letter))
    [lost] = await postpone(store, GONE, 1)
    await postpone(store, SHORT, 60)

    running = asyncio.create_task(dispatching.run())
    try:
        async with asyncio.timeout(10):
            while await store.read(lambda c: refusals_owed(c, NOW, 1)):  # noqa: ASYNC110 - a commit is no event outside
                await asyncio.sleep(0.05)
        await asyncio.sleep(10 * dispatch._EVERY.total_seconds())
    finally:
        running.cancel()
        await asyncio.wait([running])

    assert await broker.depths([QUEUES[SHORT]]) == {QUEUES[SHORT]: 60}, "each is published once"
    of_the_lost = await store.read(lambda c: told_of(c, lost))
    assert of_the_lost == ["received", "republished"]
    placed = await place_owed(store, broker.depths, lambda: NOW, between=timedelta())
    [sentence] = placed.nowhere
    assert sentence.startswith(f"message {lost}: there is no queue hub.deliver.{GONE}: put")

    much_later = NOW + timedelta(days=1)
    await dispatching.fill_dry_queues(much_later)
    assert await store.read(lambda c: told_of(c, lost)) == of_the_lost
    await broker.declare(topology([*QUEUES, GONE], []))
    await dispatching.fill_dry_queues(much_later)
    assert await broker.depths([delivery_queue(GONE)]) == {delivery_queue(GONE): 1}


async def postpone(store: Store, key: AuthorityKey, count: int) -> list[MessageUuid]:
    """What is owed to an authority, was tried once, and is due again."""
    cases = [a_case(authority=key) for _ in range(count)]
    rows = [(case, a_message(case, trace=None)) for case in cases]
    await store.run(lambda c: [put_postponed(c, case, row, until=NOW) for case, row in rows])
    return [row.id for _, row in rows]


def told_of(connection: Connection, message: MessageUuid) -> list[str]:
    """What the journal says of the case in which this is the only message."""
    row = message_by_id(connection, message)
    assert row is not None
    return [event.name for event in journey(connection, row.case)]
