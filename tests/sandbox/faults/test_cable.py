"""The cable that the tests and the campaign pull."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hub.sandbox.faults.cable import Cable
from hub.sandbox.processes import free_port


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while line := await reader.readline():
            writer.write(line)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def cable() -> AsyncIterator[Cable]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Cable(f"tcp://127.0.0.1:{port}") as cable:
        yield cable
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def connected(cable: Cable) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    parts = urlsplit(cable.url)
    stream = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield stream
    finally:
        stream[1].close()


async def echoed(stream: tuple[StreamReader, StreamWriter], line: bytes) -> bytes:
    stream[1].write(line)
    async with asyncio.timeout(10):
        return await stream[0].readexactly(len(line))


async def test_whole_it_passes_both_ways(cable: Cable) -> None:
    async with connected(cable) as stream:
        assert await echoed(stream, b"a line\n") == b"a line\n"


async def test_cut_it_resets_who_was_connected_and_refuses_the_next(cable: Cable) -> None:
    async with connected(cable) as stream:
        await echoed(stream, b"before\n")
        cable.cut()
        with pytest.raises(ConnectionResetError):
            await stream[0].read()
    with pytest.raises(ConnectionRefusedError):
        async with connected(cable):
            pass
    cable.heal()
    async with connected(cable) as stream:
        assert await echoed(stream, b"after\n") == b"after\n"


async def test_a_black_hole_swallows_until_it_is_healed(cable: Cable) -> None:
    async with connected(cable) as stream:
        await echoed(stream, b"before\n")
        cable.black_hole()
        answer = asyncio.create_task(echoed(stream, b"within\n"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(answer), 0.1)
        cable.heal()
        assert await answer == b"within\n"


async def test_it_resets_in_the_middle_of_what_is_said(cable: Cable) -> None:
    async with connected(cable) as stream:
        cable.reset_after(6, back=True)
        stream[1].write(b"half an answer\n")
        assert await stream[0].readexactly(6) == b"half a"
        with pytest.raises(ConnectionResetError):
            await stream[0].read()
    async with connected(cable) as stream:
        assert await echoed(stream, b"once only\n") == b"once only\n"


async def test_an_answer_can_be_lost_whole(cable: Cable) -> None:
    async with connected(cable) as stream:
        cable.reset_after(0, back=True)
        stream[1].write(b"said\n")
        with pytest.raises(ConnectionResetError):
            await stream[0].readexactly(1)


async def test_slow_is_slow_and_loses_nothing(cable: Cable) -> None:
    async with connected(cable) as stream:
        cable.slow(2000)
        line = b"x" * 200 + b"\n"
        assert await echoed(stream, line) == line


async def test_where_nobody_listens_it_resets() -> None:
    async with (
        Cable(f"tcp://127.0.0.1:{free_port()}") as nowhere,
        connected(nowhere) as stream,
    ):
        with pytest.raises(ConnectionResetError):
            await stream[0].read()


async def test_it_leads_to_a_socket_of_postgresql_and_keeps_user_and_database(
    tmp_path: Path,
) -> None:
    server = await asyncio.start_unix_server(echo, tmp_path / ".s.PGSQL.5432")
    async with Cable(f"postgresql+psycopg://me@/test_1?host={tmp_path}") as cable:
        assert cable.url.startswith("postgresql+psycopg://me@127.0.0.1:")
        assert cable.url.endswith("/test_1")
        async with connected(cable) as stream:
            assert await echoed(stream, b"select\n") == b"select\n"
    server.close()
