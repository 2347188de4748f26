"""Spree in the hand of a test: takes what lies in its queues, answers only when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import aio_pika
from aio_pika.abc import AbstractChannel

from hub.app import running
from hub.broker import Broker, Delivery, Verdict
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.sandbox.spree import CONFIGURE, READ, WRITE, updates
from hub.sandbox.spree.incoming import read
from hub.sandbox.spree.system import queue_of, topology_of
from hub.sandbox.xauslaender import Incoming
from hub.settings import Settings
from hub.xml import parse
from tests.way.conftest import World
from tests.way.system import System

__all__ = [
    "AUTHORITIES",
    "Spree",
    "a_channel",
    "a_spree",
    "a_user",
    "a_world_with_spree",
    "publish",
]

AUTHORITIES = ("990041", "990042")

ROUTING = """
systems:
  spree: {{adapter: spree, formats: [{{version: "1", from: 2020-01-01}}],
    stage: production, transport: amqp, limits: {{parallel: 4, attempts: 5}},
    endpoint: {{exchange: spree.in, routing_key: "{{authority}}", user: {user}}}}}
  rival: {{adapter: spree, formats: [{{version: "1", from: 2020-01-01}}],
    stage: production, transport: amqp, limits: {{parallel: 4, attempts: 5}},
    endpoint: {{exchange: rival.in, routing_key: "{{authority}}", user: rival}}}}
authorities:
  "990041": {{name: One, regional_keys: [], system: spree, services: all, back_channel: true}}
  "990042": {{name: Two, regional_keys: [], system: spree, services: all, back_channel: true}}
  "990051": {{name: Rival, regional_keys: [], system: rival, services: all, back_channel: true}}
"""


@dataclass
class Spree:
    url: str
    received: list[Incoming] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def user(self) -> str:
        return unquote(urlsplit(self.url).username or "")

    async def wait_for(self, count: int) -> list[Incoming]:
        async with asyncio.timeout(30):
            while len(self.received) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.received

    async def receipt(self, to: Incoming, authority: str = "990041") -> None:
        await self.send(updates.receipt(to, uuid4(), datetime.now(UTC)), authority)

    async def refusal(self, of: Incoming, fault: str) -> None:
        now = datetime.now(UTC)
        body = updates.refusal(of.uuid, fault, uuid4(), now, authority="990041", test=False)
        await self.send(body)

    async def update(self, answer: Answer, to: Incoming, authority: str = "990041") -> UUID:
        uuid = uuid4()
        await self.send(updates.write(answer, to, uuid, datetime.now(UTC)), authority)
        return uuid

    async def send(self, body: bytes, authority: str = "990041") -> None:
        async with a_channel(self.url) as channel:
            await publish(channel, body, authority, user_id=self.user)

    async def _take(self, delivery: Delivery) -> Verdict:
        self.received.append(read(parse(delivery.body)))
        self.changed.set()
        return Verdict.ACK


async def a_user(node: PrivateRabbitMQ, amqp_url: str) -> str:
    """A new restricted user in the vhost of `amqp_url`: the URL to come with."""
    vhost = unquote(urlsplit(amqp_url).path[1:])
    return await node.user(f"spree-{uuid4()}", "secret", CONFIGURE, WRITE, READ, vhost)


@asynccontextmanager
async def a_world_with_spree(settings: Settings, user_url: str) -> AsyncIterator[World]:
    settings.routing.write_text(ROUTING.format(user=Spree(user_url).user))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield World(hub, sender, System())


@asynccontextmanager
async def a_spree(url: str) -> AsyncIterator[Spree]:
    spree = Spree(url)
    topology = topology_of(AUTHORITIES)
    async with Broker([url], name="spree") as broker:
        broker.on_connected.append(partial(broker.declare, topology))
        await broker.declare(topology)
        for authority in AUTHORITIES:
            broker.subscribe(queue_of(authority), spree._take, prefetch=1)
        await broker.wait_ready()
        yield spree


@asynccontextmanager
async def a_channel(url: str) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(url) as connection:
        yield await connection.channel(on_return_raises=True)


async def publish(
    channel: AbstractChannel,
    body: bytes,
    authority: str = "990041",
    *,
    user_id: str | None = None,
    exchange: str = "hub.returns",
    reply_to: str | None = None,
) -> None:
    """As a system would, with nothing of the hub's in between."""
    message = aio_pika.Message(
        body,
        type="update",
        content_type="application/xml",
        headers={"authority": authority, "adapter": "spree"},
        user_id=user_id,
        reply_to=reply_to,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    target = await channel.get_exchange(exchange, ensure=False)
    await target.publish(message, f"spree.{authority}", mandatory=True)
