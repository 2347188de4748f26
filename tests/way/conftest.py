"""A whole hub in this process: real broker, real store, real HTTP; only the clock is not bent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.app import Hub, running
from hub.broker import (
    RETURNS,
    SUBMISSIONS,
    Broker,
    Delivery,
    Exchange,
    Queue,
    Topology,
    Verdict,
)
from hub.broker.topology import Binding
from hub.mailbox.local import LocalMailbox
from hub.model.downward import Downward, Submission
from hub.model.identifiers import CaseId
from hub.model.letter import Letter
from hub.sandbox import updates
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import read as read_incoming
from hub.settings import Settings
from hub.store import Event, Ledger, Message, Sealer, dead_letters, journey, ledger, messages_of
from tests.way.system import Received, System, a_system

ROUTING = """
systems:
  one: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 5}}}}
  other: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{other}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 5}}}}
  trial: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: test, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 5}}}}
authorities:
  "990001":
    {{name: One, regional_keys: ["08111"], system: one, services: all, back_channel: true}}
  "990002":
    {{name: Other, regional_keys: ["05315"], system: other, services: all, back_channel: true}}
  "990003": {{name: Trial, regional_keys: [], system: trial, services: all, back_channel: true}}
  "990004": {{name: Few, regional_keys: [], system: one, services: [family], back_channel: true}}
"""


@dataclass
class World:
    """The hub, who sends to it, and the system it sends to."""

    hub: Hub
    sender: Broker
    system: System

    async def send(self, message: Downward | bytes, **given: Any) -> None:
        body = message if isinstance(message, bytes) else message.model_dump_json().encode()
        kind = "submission" if isinstance(message, bytes) else message.type
        await self.sender.publisher.publish(SUBMISSIONS, f"{kind}.990001", body, type=kind, **given)

    async def update(
        self, answer: Answer, to: Received, *, authority: str = "990001", uuid: UUID | None = None
    ) -> UUID:
        uuid = uuid or uuid4()
        await self.post(await self.written(answer, to, uuid), authority)
        return uuid

    async def written(self, answer: Answer, to: Received, uuid: UUID | None = None) -> bytes:
        return updates.write(answer, read_incoming(to.root), uuid or uuid4(), datetime.now(UTC))

    async def post(self, body: bytes, authority: str = "990001") -> None:
        await self.sender.publisher.publish(
            RETURNS,
            f"xauslaender.{authority}",
            body,
            type="update",
            headers={"authority": authority, "adapter": "xauslaender"},
            content_type="application/xml",
        )

    async def messages(self, case: UUID) -> list[Message]:
        return await self.hub.store.read(lambda c: messages_of(c, CaseId(case)))

    async def events(self, case: UUID) -> list[Event]:
        return await self.hub.store.read(lambda c: journey(c, CaseId(case)))

    async def names(self, case: UUID) -> list[str]:
        return [event.name for event in await self.events(case)]

    async def letters(self, case: UUID) -> list[Letter]:
        return await LocalMailbox(self.hub.store).list_letters(case=CaseId(case))

    async def ledger(self) -> Ledger:
        return await self.hub.store.read(ledger)

    async def until_state(self, message: Downward, state: str) -> Message:
        case = message.id if isinstance(message, Submission) else message.case

        async def found() -> Message | None:
            rows = [row for row in await self.messages(case) if row.id == message.id]
            return rows[0] if rows and rows[0].state == state else None

        return await until(found)

    async def until_letters(self, case: UUID, count: int) -> list[Letter]:
        async def found() -> list[Letter] | None:
            letters = await self.letters(case)
            return letters if len(letters) >= count else None

        return await until(found)

    async def until_dead(self, count: int = 1) -> Sequence[Any]:
        async def found() -> Sequence[Any] | None:
            dead = await self.hub.store.read(dead_letters)
            return dead if len(dead) >= count else None

        return await until(found)


async def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer."""
    async with asyncio.timeout(seconds):
        while not (answer := await condition()):  # noqa: ASYNC110 - a commit is no event outside
            await asyncio.sleep(0.02)
    return answer


@pytest.fixture
def settings(tmp_path: Path, amqp_url: str) -> Settings:
    return Settings(
        amqp_url=amqp_url,
        store_url=f"sqlite:///{tmp_path}/hub.db",
        documents=tmp_path / "documents",
        routing=tmp_path / "routing.yaml",
        content_key=Sealer.generate_text(),
    )


Begin = Callable[[Settings], AbstractAsyncContextManager[World]]


@asynccontextmanager
async def a_world(
    settings: Settings, system: System, other: str | None = None
) -> AsyncIterator[World]:
    settings.routing.write_text(ROUTING.format(url=system.url, other=other or system.url))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield World(hub, sender, system)


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@pytest.fixture
async def world(settings: Settings, system: System) -> AsyncIterator[World]:
    async with a_world(settings, system) as world:
        yield world


@pytest.fixture
async def refusals(world: World) -> "asyncio.Queue[dict[str, Any]]":
    """What arrives in an exchange of the sender's own, `service.refusals`."""
    arrived: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(delivery: Delivery) -> Verdict:
        told = {"correlation": delivery.correlation_id, "key": delivery.routing_key}
        await arrived.put(json.loads(delivery.body) | told)
        return Verdict.ACK

    own = Topology(
        (Exchange("service.refusals", "topic"),),
        (Queue("service.refused", {"x-queue-type": "quorum", "x-delivery-limit": 20}),),
        (Binding("service.refusals", "#", "service.refused"),),
    )
    await world.sender.declare(own)
    world.sender.subscribe("service.refused", take, prefetch=10)
    await world.sender.wait_ready()
    return arrived
