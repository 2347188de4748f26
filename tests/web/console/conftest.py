"""A console whose doors are open on a port of this machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hub.broker import Broker
from hub.store import Store
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.web.given import AHub, Routes, Settings, tokens_file


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    return tokens_file(tmp_path)


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def console(
    access_file: Path, broker: Broker, store: Store, workshop: Workshop, routes: Routes
) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser without JavaScript: it keeps cookies and follows no redirect by itself."""
    hub = AHub(Settings(access_file), broker, store, workshop, routes)
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as client,
    ):
        hub.settings.public_url = f"http://127.0.0.1:{port}"
        yield client
