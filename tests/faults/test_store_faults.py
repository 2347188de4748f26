"""The store is locked, full, read-only or gone for a while: the hub waits, then goes on itself."""

import asyncio
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from hub import gates
from hub.sandbox.faults.cable import Cable
from hub.settings import Settings
from hub.store import Connection, Store, StoreAway, connect, dead_letters
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_submission, an_id
from tests.faults.disks import SmallDisk, small_disk
from tests.postgresql import PostgresqlServer, postgresql_server
from tests.way.conftest import World, a_world, until
from tests.way.system import System, a_system

PROBES_ENOUGH_TO_USE_UP_EVERY_DELIVERY = 25
"""The broker gives a message up after twenty deliveries."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds for the sake of a real store takes as many hundredths here."""
    monkeypatch.setattr(gates, "_PROBE_EVERY", 0.02)


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that the hub has looked whether its store is back."""
    probe, probes = Store.probe, list[None]()

    async def counted(store: Store) -> None:
        probes.append(None)
        await probe(store)

    monkeypatch.setattr(Store, "probe", counted)
    return probes


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 48 * 1024 * 1024) as disk:
        yield disk


@asynccontextmanager
async def a_hub(settings: Settings, system: System) -> AsyncIterator[tuple[World, str]]:
    """The world, and where the hub says whether it is ready. One message has passed."""
    async with (
        a_world(settings, system) as world,
        serving(build(world.hub), "127.0.0.1", 0) as port,
    ):
        first = a_submission(id=an_id("before"))
        await world.send(first)
        await world.until_state(first, "accepted")
        yield world, f"http://127.0.0.1:{port}/health/ready"


async def readiness(url: str) -> tuple[int, bool]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, (await response.json())["store"]


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


async def until_away(world: World, url: str) -> None:
    async def told() -> bool:
        return world.hub.store_away and await readiness(url) == (503, False)

    await until(told)


async def until_probed(probes: list[None]) -> None:
    enough = len(probes) + PROBES_ENOUGH_TO_USE_UP_EVERY_DELIVERY

    async def probed() -> bool:
        return len(probes) >= enough

    await until(probed)


async def until_came(world: World, name: str) -> None:
    async def came() -> bool:
        return any(each.uuid == str(an_id(name)) for each in world.system.received)

    await until(came)


async def until_read(world: World) -> None:
    """Until the test itself can look into the store."""

    async def read() -> bool:
        try:
            await world.hub.store.read(dead_letters)
        except StoreAway:
            return False
        return True

    await until(read)


async def all_is_well(world: World, url: str, *names: str, in_doubt: bool = False) -> None:
    """What was sent meanwhile has arrived once, nothing died, and the next message passes.

    `in_doubt`: what was sent while nobody could write it down may come twice under one UUID.
    """
    sent = [a_submission(id=an_id(name)) for name in names]
    await until_read(world)
    for each in sent:
        await world.until_state(each, "accepted")
    last = a_submission(id=an_id("after"))
    await world.send(last)
    await world.until_state(last, "accepted")
    received = [each.uuid for each in world.system.received]
    assert sorted(set(received) if in_doubt else received) == sorted(
        str(an_id(name)) for name in ("before", *names, "after")
    )
    assert not await world.hub.store.read(dead_letters)
    assert (await world.ledger()).balanced
    assert await readiness(url) == (200, True)


async def test_another_process_holds_the_lock(
    settings: Settings, system: System, probes: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "_PATIENCE", connect._PATIENCE / 1000)
    async with a_hub(settings, system) as (world, url):
        file = settings.store_at.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await world.send(a_submission(id=an_id("meanwhile")))
            await until_away(world, url)
            await until_probed(probes)
            other.execute("ROLLBACK")
        await all_is_well(world, url, "meanwhile")


async def test_the_disk_of_the_database_is_full(
    settings: Settings, system: System, probes: list[None], disk: SmallDisk
) -> None:
    on_disk = settings.model_copy(
        update={"store_url": SecretStr(f"sqlite:///{disk.folder}/hub.db")}
    )
    async with a_hub(on_disk, system) as (world, url):
        disk.fill()
        for name in ("first", "second"):
            await world.send(a_submission(id=an_id(name), documents=1))
        await until_away(world, url)
        await until_probed(probes)
        assert world.hub.store_away
        disk.free()
        await all_is_well(world, url, "first", "second")


async def test_the_disk_of_the_documents_is_full(
    settings: Settings, system: System, probes: list[None], disk: SmallDisk
) -> None:
    on_disk = settings.model_copy(update={"documents": disk.folder / "documents"})
    async with a_hub(on_disk, system) as (world, url):
        before = files(on_disk.documents)
        disk.fill()
        await world.send(a_submission(id=an_id("with documents"), documents=2))
        await until_away(world, url)
        await until_probed(probes)
        assert world.hub.store_away
        assert files(on_disk.documents) == before, "half a document was left behind"
        disk.free()
        await all_is_well(world, url, "with documents")


@pytest.mark.parametrize("instead", [None, b"no database at all"], ids=["nothing", "another"])
async def test_the_file_of_the_database_is_taken_away_and_brought_back(
    settings: Settings, system: System, probes: list[None], instead: bytes | None
) -> None:
    """Whatever was told to be kept meanwhile would be gone with the file that has no name."""
    async with a_hub(settings, system) as (world, url):
        file = Path(settings.store_at.removeprefix("sqlite:///"))
        await asyncio.to_thread(file.rename, file.with_name("elsewhere.db"))
        if instead is not None:
            await asyncio.to_thread(file.write_bytes, instead)
        await world.send(a_submission(id=an_id("meanwhile")))
        await until_away(world, url)
        await until_probed(probes)
        there = await asyncio.to_thread(lambda: file.read_bytes() if file.exists() else None)
        assert there == instead, "the hub has begun another database"
        await asyncio.to_thread(file.with_name("elsewhere.db").rename, file)
        await all_is_well(world, url, "meanwhile")


async def test_postgresql_is_stopped_and_started_again(
    settings: Settings, system: System, probes: list[None], postgresql: PostgresqlServer
) -> None:
    there = settings.model_copy(update={"store_url": SecretStr(postgresql.new_database())})
    async with a_hub(there, system) as (world, url):
        await asyncio.to_thread(postgresql.stop)
        await world.send(a_submission(id=an_id("meanwhile")))
        await until_away(world, url)
        await until_probed(probes)
        await asyncio.to_thread(postgresql.start)
        await all_is_well(world, url, "meanwhile")


async def test_postgresql_may_only_be_read(
    settings: Settings, system: System, probes: list[None], postgresql: PostgresqlServer
) -> None:
    """It is a standby, as after a change of roles that was a mistake."""
    there = settings.model_copy(update={"store_url": SecretStr(postgresql.new_database())})
    async with a_hub(there, system) as (world, url):
        await asyncio.to_thread(postgresql.stop)
        await asyncio.to_thread(postgresql.start, standby=True)
        await world.send(a_submission(id=an_id("meanwhile")))
        await until_away(world, url)
        await until_probed(probes)
        assert world.hub.store_away
        await asyncio.to_thread(postgresql.stop)
        await asyncio.to_thread(postgresql.start)
        await all_is_well(world, url, "meanwhile")


async def test_the_way_to_postgresql_is_cut(
    settings: Settings, system: System, probes: list[None], postgresql: PostgresqlServer
) -> None:
    async with Cable(postgresql.new_database()) as cable:
        there = settings.model_copy(update={"store_url": SecretStr(cable.url)})
        async with a_hub(there, system) as (world, url):
            cable.cut()
            await world.send(a_submission(id=an_id("meanwhile")))
            await until_away(world, url)
            await until_probed(probes)
            cable.heal()
            await all_is_well(world, url, "meanwhile")


async def test_the_way_to_postgresql_swallows_everything(
    settings: Settings, system: System, postgresql: PostgresqlServer
) -> None:
    async with Cable(postgresql.new_database()) as cable:
        there = settings.model_copy(update={"store_url": SecretStr(cable.url)})
        async with a_hub(there, system) as (world, url):
            cable.black_hole()
            await world.send(a_submission(id=an_id("meanwhile")))
            assert await readiness(url) == (503, False)
            cable.heal()
            await all_is_well(world, url, "meanwhile")


async def test_the_way_to_postgresql_breaks_off_in_the_middle_of_a_commit(
    settings: Settings, system: System, postgresql: PostgresqlServer
) -> None:
    async with Cable(postgresql.new_database()) as cable:
        there = settings.model_copy(update={"store_url": SecretStr(cable.url)})
        async with a_hub(there, system) as (world, url):
            names = [f"number {number}" for number in range(3)]
            for count, name in enumerate(names):
                cable.reset_after(count * 900, back=count % 2 == 0)
                await world.send(a_submission(id=an_id(name)))
                await until_came(world, name)
            await all_is_well(world, url, *names, in_doubt=True)


async def test_a_silent_postgresql_is_noticed_by_the_kernel(
    settings: Settings, system: System, postgresql: PostgresqlServer
) -> None:
    """Nothing that is sent is unanswered then: only probes of its own tell TCP of a dead peer."""
    async with Cable(postgresql.new_database()) as cable:
        there = settings.model_copy(update={"store_url": SecretStr(cable.url)})
        async with a_hub(there, system) as (world, _):

            def patience(connection: Connection) -> int:
                driver: Any = connection.connection.dbapi_connection
                with socket.socket(fileno=os.dup(driver.fileno())) as line:
                    options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
                    idle, every, times = (
                        line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                        for name in options
                    )
                return int(idle + every * times)

            assert await world.hub.store.run(patience) <= 30
