"""Who may speak for an authority: the broker says who is at the connection, no header does."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused

from hub.broker import RETURNS, SUBMISSIONS, Binding, Broker, Exchange, Queue, Topology
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.sandbox.spree import updates
from hub.sandbox.spree.system import EXCHANGE, topology_of
from hub.sandbox.xauslaender import Incoming
from hub.settings import Settings
from hub.store import acts
from tests.builders import a_submission
from tests.way.conftest import World
from tests.way.spree import (
    AUTHORITIES,
    Spree,
    a_channel,
    a_spree,
    a_user,
    a_world_with_spree,
    publish,
)

STATUS = Answer("status", status="01")


async def audited(world: World, actor: str, authority: str, cause: str) -> None:
    """The refusal is written down: who spoke, for whom, why not, and nothing of the content."""
    [audited] = await world.hub.store.read(acts)
    act = audited.act
    assert (act.actor, act.action, act.subject) == (actor, "return.refused", authority)
    assert act.detail == {"cause": cause}


@pytest.fixture
async def user_url(rabbitmq: PrivateRabbitMQ, amqp_url: str) -> str:
    return await a_user(rabbitmq, amqp_url)


@pytest.fixture
async def world(settings: Settings, user_url: str) -> AsyncIterator[World]:
    async with a_world_with_spree(settings, user_url) as world:
        yield world


@pytest.fixture
async def spree(user_url: str) -> AsyncIterator[Spree]:
    async with a_spree(user_url) as spree:
        yield spree


@pytest.fixture
async def message(world: World, spree: Spree) -> Incoming:
    """What the system has of a submission that was handed over to it."""
    submission = a_submission(authority="990041")
    await world.send(submission)
    [message] = await spree.wait_for(1)
    await world.until_state(submission, "handed_over")
    return message


def a_status(to: Incoming) -> bytes:
    return updates.write(STATUS, to, uuid4(), datetime.now(UTC))


async def refused(world: World) -> Sequence[Any]:
    """The one dead letter, with its trace; nothing came of it otherwise."""
    [dead] = await world.until_dead()
    assert (dead.stage, dead.cause) == ("interpret", "sender.not_allowed")
    assert dead.origin["exchange"] == RETURNS
    assert dead.reply_to is None
    assert (await world.ledger()).balanced
    return [dead]


async def test_the_systems_own_user_is_believed(
    world: World, spree: Spree, message: Incoming
) -> None:
    await spree.update(STATUS, message)
    await world.until_letters(message.uuid, 1)


async def test_the_hubs_own_user_is_believed_for_what_its_doors_take(
    world: World, message: Incoming
) -> None:
    await world.sender.publisher.publish(
        RETURNS,
        "spree.990041",
        a_status(message),
        type="update",
        headers={"authority": "990041", "adapter": "spree"},
        content_type="application/xml",
    )
    await world.until_letters(message.uuid, 1)


async def test_whoever_does_not_say_who_they_are_is_refused(
    world: World, spree: Spree, message: Incoming
) -> None:
    async with a_channel(spree.url) as channel:
        await publish(channel, a_status(message), reply_to="rival.in")
    [dead] = await refused(world)
    assert dead.origin["user"] == ""
    assert await world.letters(message.uuid) == []


async def test_the_broker_lets_nobody_pass_for_another(spree: Spree, message: Incoming) -> None:
    async with a_channel(spree.url) as channel:
        with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
            await publish(channel, a_status(message), user_id="guest")


async def test_a_user_of_another_system_is_refused(
    world: World, rabbitmq: PrivateRabbitMQ, amqp_url: str, message: Incoming
) -> None:
    stranger = Spree(await a_user(rabbitmq, amqp_url))
    await stranger.update(STATUS, message)
    [dead] = await refused(world)
    assert dead.origin["user"] == stranger.user
    assert await world.letters(message.uuid) == []
    await audited(world, f"system:{stranger.user}", "990041", "sender.not_allowed")


async def test_an_authority_of_another_system_is_not_the_users_to_speak_for(
    world: World, spree: Spree, message: Incoming
) -> None:
    await spree.update(STATUS, message, authority="990051")
    await refused(world)
    assert await world.letters(message.uuid) == []
    await audited(world, f"system:{spree.user}", "990051", "sender.not_allowed")


async def test_the_case_of_another_authority_is_out_of_reach_also_within_one_system(
    world: World, spree: Spree, message: Incoming
) -> None:
    await spree.update(STATUS, message, authority="990042")
    [dead] = await world.until_dead()
    assert (dead.stage, dead.cause) == ("interpret", "case.unknown")
    assert await world.letters(message.uuid) == []
    assert (await world.ledger()).balanced
    await audited(world, f"system:{spree.user}", "990042", "case.unknown")


async def test_a_header_that_names_no_authority_is_refused(
    world: World, spree: Spree, message: Incoming
) -> None:
    await spree.update(STATUS, message, authority="999999")
    [dead] = await world.until_dead()
    assert dead.cause == "authority.unknown"


async def test_what_the_hub_sent_cannot_be_led_back_as_its_own(world: World, user_url: str) -> None:
    """The system owns its exchange: it may bind `hub.returns` to it."""
    loop = Topology(
        (Exchange(EXCHANGE, "direct"),),
        (Queue("spree.loop", {"x-queue-type": "quorum", "x-message-ttl": 1,
                              "x-delivery-limit": 20, "x-dead-letter-exchange": RETURNS}),),
        (Binding(EXCHANGE, "990041", "spree.loop"),),
    )  # fmt: skip
    async with Broker([user_url], name="spree") as broker:
        await broker.declare(loop)
        await world.send(a_submission(authority="990041"))
        [dead] = await world.until_dead()
    assert (dead.cause, dead.origin["user"]) == ("authority.unknown", "")


async def test_the_restricted_user_reaches_nothing_else_of_the_hub(
    world: World, user_url: str
) -> None:
    mine = topology_of(AUTHORITIES)
    async with await aio_pika.connect(user_url) as connection:
        for queue in ("hub.intake", "hub.interpret", "hub.deliver.990041", "hub.dead-letters"):
            channel = await connection.channel()
            with pytest.raises(ChannelAccessRefused):
                await (await channel.get_queue(queue, ensure=False)).get(fail=False)
        for exchange in (SUBMISSIONS, "hub.deliveries", "hub.mailbox", "hub.dead", ""):
            channel = await connection.channel(on_return_raises=True)
            with pytest.raises(ChannelAccessRefused):
                await publish(channel, b"{}", exchange=exchange)
        channel = await connection.channel()
        queue = await channel.declare_queue(
            mine.queues[0].name, durable=True, arguments={**mine.queues[0].arguments}
        )
        with pytest.raises(ChannelAccessRefused):
            await queue.bind(SUBMISSIONS, "#")
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await channel.declare_queue("hub.intruder")
