"""What was refused at the door is replayed: as it came, by whom it came, and never lost again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import pytest

from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.sandbox.spree import updates
from hub.settings import Settings
from hub.stages.dispatch import Dispatch
from hub.stages.replay import Replay, Replayings
from hub.store import (
    DeadLetter,
    Meant,
    Seen,
    dead_letter_by_id,
    dead_letters,
    outcome_of,
    select_dead,
    set_replayed,
)
from tests.builders import a_submission
from tests.way.conftest import World, until
from tests.way.spree import Spree, a_channel, a_spree, a_user, a_world_with_spree

STATUS = Answer("status", status="01")


async def replayed(world: World, *, ids: list[Seen] | None = None) -> list[Replay]:
    hub = world.hub
    selection = ids or await hub.store.read(lambda c: select_dead(c, Meant()))
    work = Replayings(
        hub.store,
        world.sender.publisher,
        lambda: datetime.now(UTC),
        actor="cli:ola",
        vouched=ids is not None,
    )
    return [each async for each in work.run(selection, asyncio.Event())]


async def until_outcome(world: World, letter: DeadLetter, outcome: str) -> DeadLetter:
    async def found() -> DeadLetter | None:
        now = await world.hub.store.read(lambda c: dead_letter_by_id(c, letter.id))
        assert now is not None
        told = await world.hub.store.read(lambda c: outcome_of(c, now))
        return now if told == outcome else None

    kept: DeadLetter = await until(found)
    return kept


def offer_everything(world: World) -> None:
    path = world.hub.settings.routing
    path.write_text(path.read_text().replace("services: [family]", "services: all"))


async def test_a_submission_passes_once_its_route_was_mended(
    world: World, refusals: asyncio.Queue[dict[str, Any]]
) -> None:
    submission = a_submission(authority="990004")
    await world.send(submission, reply_to="service.refusals", correlation_id="mine")
    [dead] = await world.until_dead()
    assert dead.cause == "service.not_offered"
    await refusals.get()

    [first] = await replayed(world)
    assert first.result == "replayed"
    again = await until_outcome(world, dead, "died_again")
    assert (again.state, again.cause, again.replays) == ("open", "service.not_offered", 1)
    assert again.at > dead.at

    offer_everything(world)
    await until(lambda: _offers(world))
    await replayed(world)
    passed = await until_outcome(world, dead, "passed")
    assert (passed.state, passed.content, passed.replays) == ("replayed", None, 2)
    row = await world.until_state(submission, "accepted")
    assert row.id == submission.id
    drawn = await world.ledger()
    assert drawn.balanced
    assert drawn.refused_at_the_door == 0
    assert refusals.empty(), "who was told once is not told of every try"


async def _offers(world: World) -> bool:
    return "employment" in world.hub.routes.table.authorities["990004"].services


async def test_an_update_comes_again_with_the_headers_it_had(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    body = await world.written(STATUS, received)
    await world.post(body, authority="990009")
    [dead] = await world.until_dead()
    assert (dead.cause, dead.authority) == ("authority.unknown", "990009")
    assert dead.origin["exchange"] == "hub.returns"

    path = world.hub.settings.routing
    path.write_text(path.read_text().replace('"990003"', '"990009"'))
    await until(lambda: _has(world, "990009"))
    await replayed(world)
    again = await until_outcome(world, dead, "died_again")
    assert again.cause == "case.unknown", "the header came again as it was"


async def _has(world: World, authority: str) -> bool:
    return authority in world.hub.routes.table.authorities


@pytest.fixture
async def user_url(rabbitmq: PrivateRabbitMQ, amqp_url: str) -> str:
    return await a_user(rabbitmq, amqp_url)


@pytest.fixture
async def spree_world(settings: Settings, user_url: str) -> AsyncIterator[World]:
    async with a_world_with_spree(settings, user_url) as world:
        yield world


async def test_a_stranger_is_a_stranger_in_a_replay_too_unless_a_person_vouches(
    spree_world: World, user_url: str, rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> None:
    world = spree_world
    async with a_spree(user_url) as spree:
        submission = a_submission(authority="990041")
        await world.send(submission)
        [message] = await spree.wait_for(1)
        await world.until_state(submission, "handed_over")
        stranger = Spree(await a_user(rabbitmq, amqp_url))
        await stranger.update(STATUS, message)
        [dead] = await world.until_dead()
        assert dead.cause == "sender.not_allowed"

        await replayed(world)
        again = await until_outcome(world, dead, "died_again")
        assert again.cause == "sender.not_allowed"
        assert await world.letters(submission.id) == []

        await replayed(world, ids=[Seen(again.id, again.at)])
        await until_outcome(world, dead, "passed")
        [letter] = await world.until_letters(submission.id, 1)
        assert letter.kind == "status"


async def test_nobody_else_can_pretend_to_replay(
    spree_world: World, user_url: str, rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> None:
    world = spree_world
    async with a_spree(user_url) as spree:
        submission = a_submission(authority="990041")
        await world.send(submission)
        [message] = await spree.wait_for(1)
        stranger = Spree(await a_user(rabbitmq, amqp_url))
        await stranger.update(STATUS, message)
        [dead] = await world.until_dead()

        body = updates.receipt(message, submission.id, datetime.now(UTC))
        async with a_channel(user_url) as channel:
            exchange = await channel.get_exchange("hub.returns", ensure=False)
            headers = {"authority": "990041", "adapter": "spree", "replays": str(dead.id)}
            headers["replays_death_of"] = dead.at.isoformat()
            forged = aio_pika.Message(
                body, type="update", headers=headers, user_id=Spree(user_url).user
            )
            await exchange.publish(forged, "spree.990041")
        await world.until_state(submission, "accepted")
        kept = await world.hub.store.read(lambda c: dead_letter_by_id(c, dead.id))
        assert kept == dead


async def test_a_replay_that_the_broker_lost_is_a_dead_letter_again(world: World) -> None:
    hub = world.hub
    await world.send(a_submission(authority="990004"))
    [dead] = await world.until_dead()
    # What a broker leaves behind that confirmed it and was wiped: sent, and nowhere.
    await hub.store.run(lambda c: set_replayed(c, dead, datetime.now(UTC)))
    dispatch = Dispatch(
        hub.store, hub.broker.publisher, hub.broker.depths, lambda: dead.at, timedelta(days=1)
    )

    await dispatch.open_lost_replays(dead.at)
    assert await hub.store.read(dead_letters) == [], "it may still be on its way"
    await dispatch.open_lost_replays(datetime.now(UTC))

    [again] = await hub.store.read(dead_letters)
    assert (again.id, again.state, again.content) == (dead.id, "open", dead.content)
    offer_everything(world)
    await until(lambda: _offers(world))
    await replayed(world)
    await until_outcome(world, dead, "passed")
