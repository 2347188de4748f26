"""The doors of a small hub, open on a port of this machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hub.broker import Broker, topology
from hub.store import Sealer, Store, open_store
from hub.workshop.workshop import Workshop
from tests.web.given import AUTHORITY, VENDOR, AHub, Settings, standing_before, tokens_file


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    async with open_store(url, tmp_path / "documents", sealer) as store:
        yield store


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker([amqp_url], name="doors") as broker:
        await broker.declare(topology([AUTHORITY], []))
        await broker.wait_ready()
        yield broker


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop({"vendor": VENDOR}) as workshop:
        yield workshop


@pytest.fixture
def hub(tmp_path: Path, broker: Broker, store: Store, workshop: Workshop) -> AHub:
    return AHub(Settings(tokens_file(tmp_path)), broker, store, workshop)


@pytest.fixture
async def doors(hub: AHub) -> AsyncIterator[aiohttp.ClientSession]:
    async with standing_before(hub) as client:
        yield client
