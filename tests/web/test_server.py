"""Doors open and close when the hub says so."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from hub.web import peer
from hub.web.server import serving


async def test_a_request_under_way_is_answered_before_the_doors_close() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> PlainTextResponse:
        inside.set()
        await go_on.wait()
        return PlainTextResponse("done")

    async def ask(port: int) -> str:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{port}/") as response,
        ):
            return await response.text()

    async with asyncio.timeout(10):
        async with serving(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0) as port:
            asked = asyncio.create_task(ask(port))
            await inside.wait()
            asyncio.get_running_loop().call_later(0.2, go_on.set)
        assert await asked == "done"
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(port)


async def test_signals_stay_with_the_hub() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with serving(Starlette(), "127.0.0.1", 0):
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


async def test_a_port_that_is_taken_is_an_error_and_not_an_exit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serving(Starlette(), "127.0.0.1", taken.getsockname()[1]):
            pass


def delays(port: int) -> Iterator[bool]:
    """Whether each connection of this process that came in at that port follows Nagle's rule."""
    for name in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(name.name))) as found:
            if found.family == socket.AF_INET and found.getsockname()[1] == port:
                found.getpeername()  # raises for the socket that listens
                yield not found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_an_answer_does_not_wait_for_the_packet_before_it_to_be_acknowledged() -> None:
    """Head and body are two packets: by Nagle's rule the second would come 40 ms later."""

    async def held_up(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(list(delays(request.scope["server"][1]))))

    app = Starlette(routes=[Route("/", held_up)])
    async with (
        serving(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/") as response,
    ):
        assert await response.text() == "[False]"


async def gone(reader: asyncio.StreamReader) -> bytes:
    """All that came until the other side hung up."""
    came = b""
    async with asyncio.timeout(10):
        with suppress(ConnectionResetError):  # who still writes then is told so
            while piece := await reader.read(4096):
                came += piece
    return came


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "_SECONDS_FOR_A_HEAD", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begun", ["", "GET / HTTP/1.1\r\nHost: hub\r\n"])
async def test_who_sends_no_whole_head_is_hung_up_on(begun: str) -> None:
    async with serving(Starlette(), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        trickling = asyncio.create_task(_trickle(writer, begun or None))
        assert await gone(reader) == b""
        trickling.cancel()
        writer.close()


@pytest.mark.usefixtures("impatient")
async def test_who_was_answered_cannot_go_on_with_a_body_for_ever() -> None:
    async with serving(Starlette(), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "POST /nowhere HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000000\r\n\r\n"
        trickling = asyncio.create_task(_trickle(writer, head))
        assert (await gone(reader)).startswith(b"HTTP/1.1 404")
        trickling.cancel()
        writer.close()


@pytest.mark.usefixtures("impatient")
async def test_an_answer_may_take_longer_than_a_head() -> None:
    async def slow(request: Request) -> PlainTextResponse:
        await asyncio.sleep(1)
        return PlainTextResponse("done")

    async with (
        serving(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as client,
    ):
        for _ in range(2):  # the second one on the same connection
            async with client.get(f"http://127.0.0.1:{port}/") as response:
                assert await response.text() == "done"


async def _trickle(writer: asyncio.StreamWriter, begun: str | None) -> None:
    """Begin a request, and go on with it byte by byte; or say nothing at all."""
    with suppress(ConnectionError):
        while begun is not None:
            writer.write((begun or "X").encode())
            await writer.drain()
            begun = ""
            await asyncio.sleep(0.1)
