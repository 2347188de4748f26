"""A form is read as UTF-8; what its sender calls its charset costs nobody any time."""

import asyncio
from io import BytesIO

import aiohttp
import pytest

_SECONDS = 5
_FORM = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'


def form(name: bytes, size: int) -> BytesIO:
    return BytesIO(_FORM % (name, b"-" + b"9a" * (size // 2)))


async def answered(doors: aiohttp.ClientSession, path: str, body: BytesIO, charset: str) -> int:
    headers = {
        "Content-Type": f"multipart/form-data; boundary=x{charset}",
        "Authorization": "Bearer token-of-a-service",
    }
    async with doors.post(path, data=body, headers=headers) as response:
        return response.status


@pytest.mark.parametrize("charset", ["punycode", '"PunyCode"', "idna", "utf-16", "no-such"])
async def test_no_form_is_read_by_another_codec(doors: aiohttp.ClientSession, charset: str) -> None:
    charset = f"; charset={charset}"
    async with asyncio.timeout(_SECONDS):  # of one megabyte `punycode` made minutes
        assert await answered(doors, "/sign-in/", form(b"token", 200_000), charset) == 415
        assert await answered(doors, "/submissions", form(b"message", 200_000), charset) == 415


@pytest.mark.parametrize("charset", ["", "; charset=UTF-8", '; charset="utf8"'])
async def test_what_says_nothing_or_utf_8_is_read(
    doors: aiohttp.ClientSession, charset: str
) -> None:
    assert await answered(doors, "/sign-in/", form(b"token", 100), charset) == 403
    assert await answered(doors, "/submissions", form(b"message", 100), charset) == 422
