"""`hub routes check --connect` before the simulated systems of all four vendors."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.cli.connecting import Tried, try_endpoints
from hub.cli.opened import broker_settings
from hub.routing import RoutingTable
from hub.sandbox import alster, system
from hub.sandbox.book import Book
from hub.sandbox.isar import system as isar
from hub.sandbox.processes import free_port
from hub.sandbox.sftp import Keys
from hub.sandbox.spree.system import running_spree
from hub.sandbox.systems import Addresses
from tests.adapters.every import EVERY
from tests.cli.conftest import Hub
from tests.sandbox.serving import serving

ROUTING = Path(__file__).parents[2] / "routing.yaml"
TOKEN = "token-of-the-sandbox"
OF_ALSTER, OF_SPREE = ("990020", "990021", "990022"), ("990041", "990042")


@pytest.fixture
async def text(
    tmp_path: Path, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The project's routing table, with the addresses of systems that run."""
    monkeypatch.setenv("HUB_SANDBOX_TOKEN", TOKEN)
    folders = {name: tmp_path / f"of-{name}" for name in ("nord", "isar", "spree")}
    for folder in folders.values():
        folder.mkdir()
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        urls = {
            "xauslaender": await enter(
                serving(
                    system.build(folders["nord"], returns_url="http://127.0.0.1:9", token=TOKEN)
                )
            ),
            "isar": await enter(serving(isar.build(folders["isar"], token=TOKEN))),
        }
        addresses = Addresses(tmp_path, amqp_url, lambda party, url: urls.get(party, url))
        keys, port = Keys(tmp_path / "alster"), addresses.alster_port
        await enter(serving(alster.build(tmp_path / "alster", keys, port, OF_ALSTER)))
        await enter(running_spree(amqp_url, Book(folders["spree"] / "book.db"), OF_SPREE))
        yield addresses.in_routing(ROUTING.read_text("utf-8"))


async def tried(text: str, amqp_url: str) -> dict[str, Tried]:
    found = await try_endpoints(RoutingTable.parse(text, EVERY), broker_settings(amqp_url))
    return {key: each for each in found for key in each.authorities}


def books_in(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*.zip"))


async def test_every_endpoint_of_the_sandbox_is_reached(
    text: str, amqp_url: str, tmp_path: Path
) -> None:
    found = await tried(text, amqp_url)
    assert [each for each in found.values() if not each.works] == []
    assert found["990003"].said == "reached; it takes the hub's token, and nobody without one"
    assert found["990031"].said == "reached; it takes the hub's token, and nobody without one"
    assert found["990020"].said.startswith("logged in; ")
    assert found["990041"].said == "the exchange spree.in is there"
    assert books_in(tmp_path) == []


async def test_each_endpoint_that_fails_says_why_and_the_others_are_reached_all_the_same(
    text: str, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = (
        text.replace("/systems/nord/", "/elsewhere/nord/")
        .replace('done: "/{authority}/done"', 'done: "/{authority}/gone"', 1)
        .replace("exchange: spree.in", "exchange: havel.in")
    )
    found = await tried(wrong, amqp_url)
    failing = {key for key, each in found.items() if not each.works}
    assert failing == {
        *("990003", "990004", "990005", "990006"),
        *("990020", "990021"),
        *("990041", "990042"),
    }
    assert "it knows no such address; see url" in found["990003"].said
    assert found["990020"].said == "System alster has no folder as named by done."
    assert found["990041"].said == "System spree has no exchange havel.in."
    monkeypatch.setenv("HUB_SANDBOX_TOKEN", "another")
    assert "does not accept the hub's credentials" in (await tried(text, amqp_url))["990031"].said


async def test_authorities_that_share_an_endpoint_are_tried_once(text: str, amqp_url: str) -> None:
    shared = text.replace("/systems/mitte/{authority}", "/systems/mitte/all")
    found = await try_endpoints(RoutingTable.parse(shared, EVERY), broker_settings(amqp_url))
    [mitte] = [each for each in found if each.system == "mitte"]
    assert mitte.authorities == ("990007", "990008", "990009", "990010")


def test_the_command_shows_one_line_for_each_and_fails_if_one_does(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    table = tmp_path / "routing.yaml"
    table.write_text(
        "systems:\n"
        '  a: {adapter: isar, formats: [{version: "2.1", from: 2020-01-01}], stage: test,\n'
        f"    transport: soap, endpoint: {{url: 'http://127.0.0.1:{port}/{{authority}}'}},\n"
        "    limits: {parallel: 1, attempts: 1}}\n"
        "authorities:\n"
        '  "990001": {name: A, regional_keys: [], system: a, services: all, back_channel: true}\n'
        '  "990002": {name: B, regional_keys: [], system: a, services: all, back_channel: true}\n'
    )
    outcome = hub("routes", "check", "--routing", table, "--connect")
    assert (outcome.code, outcome.err) == (1, "")
    _, *lines = outcome.out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "✗ a by soap, 990001",
        "✗ a by soap, 990002",
    ]
    assert all("cannot be reached" in line for line in lines)
