import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.broker import Broker, delivery_queue, topology
from hub.cli import main, opened
from hub.cli.logs import log_nothing
from hub.sandbox.processes import free_port
from hub.store import Store, bury, park
from tests.cli.conftest import Hub
from tests.store.building import AGAIN, NOW, a_case, a_dead_letter, a_message, put

Fill = Callable[[Callable[[Store], object]], None]
ROUTING = """
systems:
  one: {adapter: xauslaender, formats: [{version: "26.11", from: 2020-01-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: One, regional_keys: [], system: one, services: all, back_channel: true}
"""


@pytest.fixture(autouse=True)
def routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "routing.yaml").write_text(ROUTING)
    monkeypatch.setenv("HUB_ROUTING", str(tmp_path / "routing.yaml"))


def test_an_authority_is_paused_and_goes_on(hub: Hub, store: Fill) -> None:
    first = hub("park", "990001", "--reason", "the system moves")
    assert first.code == 0, first.err
    again = hub("park", "990001", "--reason", "me too")
    assert again.code == 1
    assert again.err.startswith("Authority 990001 is paused already, by cli:")
    assert again.err.endswith("the system moves\n")
    status = json.loads(hub("status", "--json").out)
    assert status["paused"] == ["990001"]
    assert hub("resume", "990001").out == "Authority 990001 goes on.\n"
    assert hub("resume", "990001").err == "Authority 990001 is not paused.\n"
    actions = [each["act"]["action"] for each in json.loads(hub("audit", "list", "--json").out)]
    assert actions == ["authority.pause", "authority.resume"]


def test_who_is_parked_by_an_outage_cannot_be_resumed(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: park(c, "990001", "endpoint.down", NOW, NOW + AGAIN)))
    outcome = hub("resume", "990001")
    assert outcome.code == 1
    assert "It cannot be reached (endpoint.down), and is probed by the hub itself." in outcome.err


def test_only_an_authority_of_the_table_can_be_paused(hub: Hub, store: Fill) -> None:
    outcome = hub("park", "999999", "--reason", "typo")
    assert outcome.err == "No authority in the routing table has the key 999999.\n"


def test_an_idle_hub_is_well(hub: Hub, store: Fill) -> None:
    outcome = hub("status")
    assert (outcome.code, outcome.err) == (0, "")
    assert "balances" in outcome.out


def test_a_hub_that_needs_a_person_says_so(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: bury(c, a_dead_letter(cause="X001"))))
    outcome = hub("status")
    assert outcome.code == 1
    assert outcome.err == "1 dead letter waits for a decision.\n"
    assert "X001 1" in outcome.out


async def test_the_ledger_places_what_is_owed(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Fill
) -> None:
    monkeypatch.setenv("HUB_AMQP_URL", amqp_url)
    log_nothing()
    case = a_case()
    await asyncio.to_thread(
        store, lambda opened: opened.run(lambda c: put(c, case, a_message(case)))
    )
    async with Broker([amqp_url], name="test") as broker:
        await broker.declare(topology(["990001"], ["local"]))
        await broker.publisher.publish("hub.deliveries", "990001", b"{}", type="deliver")
        async with asyncio.timeout(30):
            while not (await broker.depths([queue := delivery_queue("990001")]))[queue]:
                pass
        code, out, err = await asyncio.to_thread(_explained, capsys, "--json")
        assert (code, err) == (0, "")
        placed = json.loads(out)["placed"]
        assert {place: count for place, count in placed["places"].items() if count} == {
            "in a queue": 1
        }
    monkeypatch.setenv("HUB_AMQP_URL", f"amqp://127.0.0.1:{free_port()}/")
    monkeypatch.setattr(opened, "CONNECT_SECONDS", 0.5)
    code, out, err = await asyncio.to_thread(_explained, capsys)
    assert (code, err) == (
        0,
        "RabbitMQ cannot be reached: only the store says where something is.\n",
    )
    assert "in a queue" in out


def _explained(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["ledger", "--explain", *more])
    shown = capsys.readouterr()
    return ended.value.code, shown.out, shown.err


async def test_queues_are_told_by_the_broker(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Fill
) -> None:
    monkeypatch.setenv("HUB_AMQP_URL", amqp_url)
    log_nothing()  # else the broker of the test itself would print among the results
    async with Broker([amqp_url], name="test") as broker:
        await broker.declare(topology(["990001"], ["local"]))
        await broker.publisher.publish("hub.deliveries", "990001", b"{}", type="deliver")
        await asyncio.to_thread(store, _nothing)
        found = json.loads(await asyncio.to_thread(_queues, capsys))
    [one] = [each for each in found if each["queue"] == "hub.deliver.990001"]
    assert (one["messages"], one["consumers"], one["state"]) == (1, 0, "unconsumed")
    assert {each["queue"] for each in found} >= {"hub.intake", "hub.mailbox.local"}
    assert "hub.mailbox.zbp" not in {each["queue"] for each in found}


async def _nothing(opened: Store) -> None:
    """The store is there, and holds nothing."""


def _queues(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["queues", "--json"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_a_broker_that_is_away_is_a_sentence_and_no_waiting(
    hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_AMQP_URL", "amqp://guest:guest@127.0.0.1:1/")
    monkeypatch.setattr(opened, "CONNECT_SECONDS", 2)
    outcome = hub("queues")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("RabbitMQ cannot be reached (ConnectionRefusedError)")
