"""Each owed message is in its place, and one that is nowhere is named."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from hub.broker import Broker, delivery_queue, mailbox_queue, topology
from hub.stages.placing import Placed, place_owed
from hub.store import (
    Due,
    NewMessage,
    Pause,
    State,
    Store,
    Whereabouts,
    claim,
    finish,
    hand_over,
    park,
    pause,
    postpone,
    unpublished,
)
from hub.store.tables import messages
from tests.store.building import LEASE, NOW, a_case, a_message, an_update, put

AT_ONCE = timedelta()


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker([amqp_url], name="test") as broker:
        await broker.declare(topology(["990001", "990002"], ["local"]))
        yield broker


async def owed(store: Store, **values: object) -> NewMessage:
    """A message that was published."""
    case = a_case(authority=values.get("authority", "990001"))
    message = a_message(case, **values)
    await store.run(lambda c: put(c, case, message))
    return message


async def looked(store: Store, broker: Broker | None = None) -> Placed:
    depths = broker.depths if broker is not None else None
    return await place_owed(store, depths, lambda: NOW, between=AT_ONCE)


async def where(store: Store) -> dict[str, int]:
    placed = await looked(store)
    assert placed.nowhere == ()
    return {place: count for place, count in placed.places.items() if count}


async def test_it_is_in_a_queue_until_a_handler_takes_it(store: Store) -> None:
    message = await owed(store)
    assert await where(store) == {Whereabouts.QUEUE: 1}
    await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    assert await where(store) == {Whereabouts.HANDLER: 1}
    later = NOW + timedelta(hours=1)
    await store.run(lambda c: postpone(c, message.id, due_at=later, cause="busy"))
    assert await where(store) == {Whereabouts.LATER: 1}
    await store.run(lambda c: postpone(c, message.id, due_at=NOW, cause="busy"))
    assert await where(store) == {Whereabouts.DUE: 1}
    await store.run(lambda c: hand_over(c, message.id, NOW))
    assert await where(store) == {Whereabouts.SYSTEM: 1}
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, NOW))
    assert await where(store) == {}


async def test_it_waits_for_what_is_before_it_and_for_its_authority(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: put(c, case, a_message(case), a_message(case)))
    await store.run(lambda c: park(c, case.authority, "endpoint.down", NOW, NOW + LEASE))
    assert await where(store) == {Whereabouts.PARKED: 1, Whereabouts.WAITING: 1}
    await store.run(lambda c: pause(c, Pause(case.authority, NOW, "cli:ola", "it moves")))
    assert await where(store) == {Whereabouts.PAUSED: 1, Whereabouts.WAITING: 1}


async def changed(store: Store, message: NewMessage, what: dict[str, object]) -> None:
    statement = update(messages).where(messages.c.id == message.id).values(what)
    await store.run(lambda c: c.execute(statement) and None)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"due_at": None}, "never due"),
        ({"owes": None}, "not by which way"),
        ({"waits_for": uuid4()}, "nothing will free it"),
    ],
)
async def test_what_nothing_would_take_up_again_is_named(
    store: Store, what: dict[str, object], why: str
) -> None:
    message = await owed(store)
    await changed(store, message, what)
    placed = await looked(store)
    [named] = placed.nowhere
    assert named.startswith(f"message {message.id}: ")
    assert why in named
    assert placed.places[Whereabouts.NOWHERE] == 1


async def test_what_is_due_for_long_says_that_no_hub_publishes(store: Store) -> None:
    message = await owed(store)
    due = Due(message.id, message.case, "990001", "deliver", None, 0, None)
    await store.run(lambda c: unpublished(c, [due], NOW - timedelta(hours=1)))
    [named] = (await looked(store)).nowhere
    assert "2026-11-02 08:30 UTC" in named


async def published(broker: Broker, exchange: str, key: str, count: int, queue: str) -> None:
    for _ in range(count):
        await broker.publisher.publish(exchange, key, b"{}", type="deliver")
    while (await broker.depths([queue]))[queue] < count:
        pass


async def test_the_queues_hold_what_the_store_says(store: Store, broker: Broker) -> None:
    messages = [await owed(store, due_at=NOW + timedelta(seconds=n)) for n in range(5)]
    update = an_update(case := a_case())
    await store.run(lambda c: put(c, case, update))
    await published(broker, "hub.deliveries", "990001", 3, delivery_queue("990001"))
    await published(broker, "hub.mailbox", "local", 1, mailbox_queue("local"))

    placed = await looked(store, broker)

    assert placed.broker
    assert placed.nowhere == ()
    assert placed.places[Whereabouts.QUEUE] == 6
    missing = {sentence.split()[1].rstrip(":") for sentence in placed.missed}
    assert missing == {str(each.id) for each in messages[:2]}, "a queue loses its oldest first"
    assert "which holds 3 of 5" in placed.missed[0]


async def test_a_queue_that_is_not_there_leaves_its_messages_nowhere(
    store: Store, broker: Broker
) -> None:
    message = await owed(store, authority="990009")
    [named] = (await looked(store, broker)).nowhere
    assert named.startswith(f"message {message.id}: there is no queue hub.deliver.990009")
    assert "put authority 990009 back into routing.yaml" in named
