"""What is read of a body before it is known that its sender may call, and how much at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import aiohttp
import pytest

from hub.web.api.bodies import MAX_BODY_BYTES

_PIECE = b"10000\r\n" + bytes(0x10000).replace(b"\0", b" ") + b"\r\n"
_SECONDS = 10


@asynccontextmanager
async def calling(
    api: aiohttp.ClientSession, *headers: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A call of which the head is sent, and no byte of its body."""
    url = urlsplit(str(api._base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    lines = ["POST /api/v1/replays HTTP/1.1", "Host: hub", "Content-Type: application/json"]
    writer.write("\r\n".join([*lines, *headers, "", ""]).encode())
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def status(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(_SECONDS):
        return int((await reader.readline()).split()[1])


@pytest.mark.parametrize(
    ("token", "expected"), [("", 401), ("nobodys", 401), ("token-of-a-system", 403)]
)
async def test_nothing_is_read_of_who_has_no_role(
    api: aiohttp.ClientSession, token: str, expected: int
) -> None:
    length = f"Content-Length: {MAX_BODY_BYTES}"
    async with calling(api, length, f"Authorization: Bearer {token}") as (reader, _):
        assert await status(reader) == expected


async def test_a_body_without_end_is_cut_off(api: aiohttp.ClientSession) -> None:
    bearer = "Authorization: Bearer token-of-a-operator"
    async with calling(api, "Transfer-Encoding: chunked", bearer) as (reader, writer):
        with suppress(ConnectionError):
            for _ in range(MAX_BODY_BYTES // 0x10000 + 1):
                writer.write(_PIECE)
                await writer.drain()
        assert await status(reader) == 413


async def test_a_body_that_says_it_is_too_large_is_not_read(api: aiohttp.ClientSession) -> None:
    bearer = "Authorization: Bearer token-of-a-operator"
    length = f"Content-Length: {MAX_BODY_BYTES + 1}"
    async with calling(api, length, bearer) as (reader, _):
        assert await status(reader) == 413
