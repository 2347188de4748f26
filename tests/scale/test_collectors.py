"""Of two real hubs one asks a system for its updates; when its machine dies, the other one does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from hub.sandbox.processes import Child, free_port
from hub.store import Sealer
from tests.transport.soap_far_end import listed

ROUTING = """
systems:
  isar: {{adapter: isar, formats: [{{version: "2.1", from: 2020-01-01}}], stage: production,
    transport: soap, endpoint: {{url: "http://127.0.0.1:{port}/{hub}", timeout_seconds: 30}},
    limits: {{parallel: 4, attempts: 5}}}}
authorities:
  "990031": {{name: One, regional_keys: [], system: isar, services: all, back_channel: true}}
"""


@dataclass
class System:
    """Has nothing for anybody, and knows who asks: each hub comes to an address of its own."""

    asked: list[str] = field(default_factory=list)
    asking: int = 0
    most_at_once: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.asking += 1
        self.most_at_once = max(self.most_at_once, self.asking)
        self.asked.append(request.match_info["hub"])
        self.changed.set()
        await asyncio.sleep(0.2)
        self.asking -= 1
        return listed()

    async def until_asked(self, times: int, other_than: str = "") -> str:
        """Who asks, once somebody has so often."""
        async with asyncio.timeout(120):
            while len(by := [hub for hub in self.asked if hub != other_than]) < times:
                self.changed.clear()
                await self.changed.wait()
        return by[-1]


@pytest.fixture
async def system() -> AsyncIterator[tuple[System, int]]:
    system, app = System(), web.Application()
    app.router.add_post("/{hub}", system.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield system, runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.timeout(400)
async def test_when_the_hub_that_collects_is_killed_the_other_one_does_and_never_both(
    tmp_path: Path, store_url: str, amqp_url: str, system: tuple[System, int]
) -> None:
    asked, system_port = system
    key, hubs = Sealer.generate_text(), {}
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(ROUTING.format(port=system_port, hub=name))
        port = free_port()
        settings = {
            "HUB_AMQP_URL": amqp_url,
            "HUB_STORE_URL": store_url,
            "HUB_DOCUMENTS": str(tmp_path / "documents"),
            "HUB_ROUTING": str(tmp_path / f"{name}.yaml"),
            "HUB_CONTENT_KEY": key,
            "HUB_HTTP_PORT": str(port),
        }
        hubs[name] = Child(
            ("tests.scale.brief_lease",),
            settings=settings,
            log=tmp_path / f"{name}.log",
            ready_url=f"http://127.0.0.1:{port}/health/ready",
        )
    async with AsyncExitStack() as running:
        for hub in hubs.values():
            running.push_async_callback(hub.kill)
            await hub.start()
        mine = await asked.until_asked(5)
        assert set(asked.asked) == {mine}
        await hubs[mine].kill()
        other = await asked.until_asked(3, other_than=mine)
        assert {mine, other} == set(hubs)
        await hubs[mine].start()  # back again, it leaves the system to the other one
        before = len(asked.asked)
        await asked.until_asked(before + 3)
        assert set(asked.asked[before:]) == {other}
    assert asked.most_at_once == 1
