"""The door for large documents."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from hub.model.identifiers import CaseId
from hub.store import Store
from hub.web import documents
from hub.web.building import build
from hub.web.server import serving
from tests.web.given import TOKENS, AHub

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 2048
SHA256 = hashlib.sha256(CONTENT).hexdigest()
DOOR = f"/documents/{SHA256}"
CASE = CaseId(UUID(int=7))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[token]}"}


async def test_a_document_waits_under_its_senders_name(
    doors: aiohttp.ClientSession, store: Store
) -> None:
    for _ in range(2):  # putting it again changes nothing
        async with doors.put(DOOR, data=CONTENT, headers=bearer("service")) as response:
            assert (response.status, await response.json()) == (201, {"size": len(CONTENT)})
    assert await store.documents.adopt(CASE, "alp:000002", SHA256) is None
    assert await store.documents.adopt(CASE, "alp:000001", SHA256) == len(CONTENT)
    assert await asyncio.to_thread(store.documents.load, CASE, SHA256) == CONTENT


@pytest.mark.parametrize(
    ("token", "query", "status"),
    [
        ("system", "", 403),
        ("service", "", 201),
        ("service", "?sender=alp:000001", 201),
        ("service", "?sender=alp:000002", 403),
        ("portal", "", 403),
        ("portal", "?sender=alp:000002", 201),
        ("portal", "?sender=../..", 403),
    ],
)
async def test_a_token_speaks_for_its_own_senders_only(
    doors: aiohttp.ClientSession, token: str, query: str, status: int
) -> None:
    async with doors.put(DOOR + query, data=CONTENT, headers=bearer(token)) as response:
        assert response.status == status


async def test_without_a_token_nothing_is_staged(
    doors: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with doors.put(DOOR, data=CONTENT) as response:
        assert response.status == 401
    assert not list((tmp_path / "documents").rglob("*"))


@pytest.mark.parametrize("name", ["0" * 64, "0" * 63, "..%2F..%2Fetc", "A" * 64])
async def test_a_document_with_another_hash_is_refused(
    doors: aiohttp.ClientSession, name: str, tmp_path: Path
) -> None:
    async with doors.put(f"/documents/{name}", data=CONTENT, headers=bearer("service")) as response:
        assert response.status in {404, 422}
        assert response.content_type == "application/problem+json"
    assert not [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_document_that_is_too_large_is_refused(
    doors: aiohttp.ClientSession, announced: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", len(CONTENT) - 1)

    async def pieces() -> AsyncIterator[bytes]:
        yield CONTENT

    data = CONTENT if announced else pieces()
    async with doors.put(DOOR, data=data, headers=bearer("service")) as response:
        assert response.status == 413
    assert not [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]


async def begin_upload(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"PUT {DOOR} HTTP/1.1",
        "Host: hub",
        f"Authorization: {bearer('service')['Authorization']}",
        f"Content-Length: {len(CONTENT)}",
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode() + CONTENT[: len(CONTENT) // 2])
    await writer.drain()
    return reader, writer


async def test_an_upload_that_breaks_off_leaves_nothing(hub: AHub, tmp_path: Path) -> None:
    async with serving(build(hub), "127.0.0.1", 0) as port:
        _, writer = await begin_upload(port)
        writer.transport.abort()
    # The doors close only after every request under way has ended.
    assert not [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]


async def test_an_upload_that_stops_is_given_up(
    hub: AHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_SECONDS_TO_ARRIVE", 0.2)
    async with serving(build(hub), "127.0.0.1", 0) as port:
        reader, writer = await begin_upload(port)
        assert b" 408 " in await reader.readline()
        writer.close()
    assert not [path for path in (tmp_path / "documents").rglob("*") if path.is_file()]
