"""The hub goes nowhere but where routing.yaml and its settings say, whatever a message names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiohttp import web

from hub.model.downward import MailboxAddress
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.settings import Settings
from tests.builders import a_submission
from tests.hostile.conftest import Besieged
from tests.way.conftest import a_world
from tests.way.spree import AUTHORITIES, a_spree, a_user, a_world_with_spree
from tests.way.system import System


@asynccontextmanager
async def a_trap() -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address on this machine where nobody has any business, and what came there."""
    came: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", came


async def test_a_redirect_of_a_system_is_not_followed(settings: Settings, system: System) -> None:
    async with a_trap() as (address, came), a_world(settings, system) as world:
        system.answers = [
            web.Response(status=307, headers={"Location": f"http://{address}/990001"})
        ]
        submission = a_submission()
        await world.send(submission)
        # Parked as an address that has moved, probed again, and taken by the system itself.
        await world.until_state(submission, "accepted")
        events = {each.name: each for each in await world.events(submission.id)}
        assert events["parked"].detail["cause"] == "endpoint.moved"
        assert came == []


async def test_addresses_in_what_comes_lead_nowhere(besieged: Besieged) -> None:
    world = besieged.world
    async with a_trap() as (address, came):
        url = f"http://{address}/x"
        named = f'"type":"submission","schema":"{url}"'
        for body in (
            f'{{"$schema":"{url}",{named}}}',
            f'{{{named},"documents":[{{"content":"{url}"}}]}}',
        ):
            refusal = await besieged.refused(body.encode())
            assert refusal["cause"] == "field.invalid"
        for reply_to in ("", f"amqp://{address}/x", "hub.deliveries", "amq.direct"):
            await world.send(b"{", reply_to=reply_to or None, correlation_id=str(uuid4()))
        good = a_submission(
            id=uuid4(), mailbox=MailboxAddress(provider="local", account="x@127.0.0.1")
        )
        await world.send(good)
        await world.until_state(good, "accepted")
        received = next(
            each for each in await world.system.wait_for(1) if each.uuid == str(good.id)
        )
        update = await world.written(Answer("status", status="01"), received)
        schema = "http://www.w3.org/2001/XMLSchema-instance"
        for head in (
            f'<!DOCTYPE x SYSTEM "{url}.dtd">',
            f'<?xml-stylesheet href="{url}.xsl"?>',
            f'<?xml-model href="{url}.rng"?>',
        ):
            declaration, end, rest = update.partition(b"?>")
            await world.post(declaration + end + head.encode() + rest)
        located = f' xmlns:i="{schema}" i:schemaLocation="urn:x {url}" xmlns:xauslaender='.encode()
        await world.post(update.replace(b" xmlns:xauslaender=", located, 1))
        await world.until_letters(good.id, 1)
        await besieged.good_passes()
        assert came == []


async def test_a_refusal_never_goes_into_the_exchange_of_a_system(
    rabbitmq: PrivateRabbitMQ, amqp_url: str, settings: Settings
) -> None:
    user = await a_user(rabbitmq, amqp_url)
    async with a_world_with_spree(settings, user) as world, a_spree(user) as spree:
        # The correlation id is the routing key of a refusal: it would be Spree's own.
        for body in (b"{", a_submission(authority="999999").model_dump_json().encode()):
            await world.send(body, reply_to="spree.in", correlation_id=AUTHORITIES[0])
        dead = await world.until_dead(2)
        assert {(each.cause, each.reply_to) for each in dead} == {("reply_to.forbidden", None)}
        good = a_submission(authority=AUTHORITIES[0])
        await world.send(good)
        [received] = await spree.wait_for(1)
        assert received.uuid == good.id
