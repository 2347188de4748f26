"""A system that does as it is told: records every POST and answers from a list."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from lxml import etree

__all__ = ["Received", "System", "a_system"]


@dataclass(frozen=True)
class Received:
    authority: str
    key: str
    root: etree._Element

    @property
    def uuid(self) -> str:
        return self.root.findtext(".//nachrichtenUUID") or ""

    @property
    def name(self) -> str:
        return str(etree.QName(self.root).localname)


@dataclass
class System:
    """`answers` are used up one by one; after them everything is accepted."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[web.Response | Callable[[web.Request], None]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        root = etree.fromstring(await request.read())
        self.received.append(
            Received(request.match_info["authority"], request.headers["Idempotency-Key"], root)
        )
        self.changed.set()
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            answer(request)
        return answer if isinstance(answer, web.Response) else web.json_response({"receipt": "R-1"})

    async def wait_for(self, count: int) -> list[Received]:
        async with asyncio.timeout(30):
            while len(self.received) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.received


@asynccontextmanager
async def a_system(port: int = 0) -> AsyncIterator[System]:
    system = System()
    app = web.Application(client_max_size=200 * 1024 * 1024)
    app.router.add_post("/{authority}", system.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    system.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield system
    finally:
        await runner.cleanup()
