"""Sign-in at an OpenID provider that runs as a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from hub.broker import Broker
from hub.sandbox.processes import free_port
from hub.store import Store, acts
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.web.given import AHub, Settings


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """Its address. It knows two people, one of them in a group of ours."""
    port = free_port()
    people = [
        {"sub": "ada", "preferred_username": "ada@office", "groups": ["staff", "hub-operators"]},
        {"sub": "eve", "preferred_username": "eve@office", "groups": ["staff"]},
    ]
    told = [part for each in people for part in ("--user-claims", json.dumps(each))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oidc_provider_mock", "--port", str(port)),
        *(*told, "--require-nonce", "true"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as client:
            await answers(client, f"{url}/.well-known/openid-configuration")
        yield url
    finally:
        process.terminate()
        await process.wait()


async def answers(client: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with client.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def console_with(
    issuer: str, folder: Path, broker: Broker, store: Store, workshop: Workshop
) -> AsyncIterator[aiohttp.ClientSession]:
    (folder / "secret").write_text("secret of the client")
    sign_in = {
        "issuer": issuer,
        "client_id": "hub",
        "client_secret_file": str(folder / "secret"),
        "roles": {"operator": ["hub-operators"], "viewer": ["hub-viewers"]},
    }
    access = folder / "access.yaml"
    access.write_text(json.dumps({"sign_in": sign_in}))
    port = free_port()
    hub = AHub(Settings(access, f"http://127.0.0.1:{port}"), broker, store, workshop)
    async with (
        serving(build(hub), "127.0.0.1", port),
        aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as client,
    ):
        yield client


async def come_back_as(console: aiohttp.ClientSession, subject: str) -> tuple[int, str, str]:
    """Go to the provider, sign in there as somebody, and come back."""
    async with console.get("/sign-in/provider", allow_redirects=False) as response:
        assert response.status == 302
        at_the_provider = response.headers["Location"]
    async with console.post(
        at_the_provider, data={"sub": subject}, allow_redirects=False
    ) as response:
        back = response.headers["Location"]
    async with console.get(back, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def test_who_is_in_a_group_comes_in_with_its_role(
    provider: str, tmp_path: Path, broker: Broker, store: Store, workshop: Workshop
) -> None:
    async with console_with(provider, tmp_path, broker, store, workshop) as console:
        assert (await come_back_as(console, "ada"))[:2] == (303, "/console")
        async with console.get("/console") as page:
            assert "ada@office, operator" in await page.text()
    (act,) = await store.read(acts)
    assert act.act.actor == "oidc:ada@office"


async def test_who_is_in_none_stays_outside(
    provider: str, tmp_path: Path, broker: Broker, store: Store, workshop: Workshop
) -> None:
    async with console_with(provider, tmp_path, broker, store, workshop) as console:
        status, _, page = await come_back_as(console, "eve")
        assert status == 403
        assert "none of your groups" in page
        async with console.get("/console", allow_redirects=False) as response:
            assert response.status == 303


async def test_an_answer_that_was_not_asked_for_is_not_believed(
    provider: str, tmp_path: Path, broker: Broker, store: Store, workshop: Workshop
) -> None:
    async with (
        console_with(provider, tmp_path, broker, store, workshop) as console,
        console.get("/sign-in/provider/back?code=x&state=y") as response,
    ):
        assert response.status == 403


async def test_a_provider_that_is_away_is_told(
    tmp_path: Path, broker: Broker, store: Store, workshop: Workshop
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with (
        console_with(nobody, tmp_path, broker, store, workshop) as console,
        console.get("/sign-in/provider") as response,
    ):
        assert response.status == 502
        assert "does not answer" in await response.text()
