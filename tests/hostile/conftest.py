"""A whole hub as in tests/way, one for each file: what one hostile input leaves behind must not
harm the next, and starting a hub for each of a hundred would take minutes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.broker import Delivery, Exchange, Queue, Topology, Verdict
from hub.broker.topology import Binding
from hub.model.downward import Submission
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.settings import Settings
from hub.store import Sealer
from tests.builders import a_submission
from tests.way.conftest import World, a_world, refusals, settings, system
from tests.way.system import a_system

__all__ = ["Besieged", "besieged", "refusals", "settings", "system"]


@dataclass
class Besieged:
    """A hub that is sent bad things, and what its sender hears of them."""

    world: World
    url: str
    refusals: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def refused(self, body: bytes, **given: Any) -> dict[str, Any]:
        """Send a body; what the sender is told of it."""
        return await self.told(lambda **named: self.world.send(body, **named, **given))

    async def told(self, send: Any) -> dict[str, Any]:
        """What the sender hears, having sent with a correlation id and a reply_to."""
        name = str(uuid4())
        heard = self.refusals[name] = asyncio.get_running_loop().create_future()
        await send(correlation_id=name, reply_to="service.refusals")
        async with asyncio.timeout(60):
            return await heard

    async def good_passes(self) -> Submission:
        """Whatever came before, the next good message arrives."""
        good = a_submission(id=uuid4())
        await self.world.send(good)
        await self.world.until_state(good, "accepted")
        assert (await self.world.ledger()).balanced
        return good

    async def hear(self, delivery: Delivery) -> Verdict:
        self.refusals[delivery.correlation_id or ""].set_result(json.loads(delivery.body))
        return Verdict.ACK


@pytest.fixture(scope="module")
async def besieged(
    rabbitmq: PrivateRabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Besieged]:
    folder: Path = tmp_path_factory.mktemp("hub")
    vhost = f"test-{uuid4()}"
    url = await rabbitmq.vhost(vhost)
    of_this_hub = Settings(
        amqp_url=url,
        store_url=f"sqlite:///{folder}/hub.db",
        documents=folder / "documents",
        routing=folder / "routing.yaml",
        content_key=Sealer.generate_text(),
    )
    own = Topology(
        (Exchange("service.refusals", "topic"),),
        (Queue("service.refused", {"x-queue-type": "quorum", "x-delivery-limit": 20}),),
        (Binding("service.refusals", "#", "service.refused"),),
    )
    async with a_system() as far_end, a_world(of_this_hub, far_end) as world:
        besieged = Besieged(world, url)
        await world.sender.declare(own)
        world.sender.subscribe("service.refused", besieged.hear, prefetch=10)
        await world.sender.wait_ready()
        yield besieged
    await rabbitmq.remove_vhost(vhost)
