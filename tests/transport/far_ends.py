"""Systems that speak HTTP, well and badly, on a port of this machine."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from hub.routing import Endpoint, Limits
from tests.transport.contract import Outcome

REFUSAL = {"codes": ["X001"], "sentence": "Żółć-Müller is no name"}


def an_endpoint(url: str, **settings: str | int | float | bool) -> Endpoint:
    return Endpoint("nord", "http", "production", {"url": url, **settings}, Limits(4, 12))


class HttpFarEnd:
    """A system that does what it is told next, and accepts otherwise."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: deque[Callable[[], web.Response]] = deque()
        self.port = 0
        self._outcomes: deque[Outcome] = deque()
        self._runner: web.AppRunner | None = None

    @property
    def endpoint(self) -> Endpoint:
        return an_endpoint(f"http://127.0.0.1:{self.port}/here", timeout_seconds=5)

    @property
    def knows(self) -> frozenset[Outcome]:
        return frozenset({"accept", "hand over", "refuse", "be busy", "vanish"})

    def next(self, *outcomes: Outcome) -> None:
        self._outcomes.extend(outcomes)

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_post("/here", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.received.append(await request.read())
        self.headers.append(dict(request.headers))
        if self.answers:
            return self.answers.popleft()()
        match self._outcomes.popleft() if self._outcomes else "accept":
            case "hand over":
                return web.Response(status=202)
            case "refuse":
                return web.json_response(REFUSAL, status=422)
            case "be busy":
                return web.Response(status=408)
            case "vanish":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case _:
                return web.json_response({"receipt": f"N-{len(self.received)}"})


Speech = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_far_end(speak: Speech) -> AsyncIterator[Endpoint]:
    """A server that says byte for byte what it is told to."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield an_endpoint(f"http://127.0.0.1:{port}/here", timeout_seconds=5)


async def whole_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if b"content-length" in line)
    await reader.readexactly(length)
