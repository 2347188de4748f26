"""`hub erase`: asks before it acts, and says what it cannot reach."""

import asyncio
import json
from collections.abc import Callable
from uuid import uuid4

import pytest

from hub.store import State, Store
from tests.builders import a_reply, a_submission
from tests.cli.conftest import Hub
from tests.stages.given import an_accepted_case, sent_by_the_applicant

Fill = Callable[[Callable[[Store], object]], None]
CASE = a_submission().id
WHY = ("--reason", "asked for it")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    monkeypatch.setenv("HUB_AMQP_URL", f"amqp://guest:guest@127.0.0.1:{unused_tcp_port}/")
    monkeypatch.setattr("hub.cli.opened.CONNECT_SECONDS", 1)


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_, **__: text)


async def with_an_owed_reply(store: Store) -> None:
    case = await an_accepted_case(store)
    await sent_by_the_applicant(store, case, a_reply(id=uuid4(), case=case.id), State.OWED)


def test_the_id_is_typed_once_more(hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    store(an_accepted_case)
    typed(monkeypatch, str(uuid4()))
    refused = hub("erase", CASE, *WHY)
    assert refused.code == 1
    assert "nothing was erased" in refused.err
    typed(monkeypatch, f" {CASE} ")
    outcome = hub("erase", CASE, *WHY)
    assert outcome.code == 0, outcome.err
    assert f"Case {CASE} is erased." in outcome.out
    assert "RabbitMQ was not reached" in outcome.out
    assert "backups" in outcome.out
    assert "erased" in hub("journey", CASE).out
    assert hub("ledger").code == 0
    assert "case.erase" in hub("audit", "list").out


def test_what_is_owed_is_discarded_only_on_demand(hub: Hub, store: Fill) -> None:
    store(with_an_owed_reply)
    refused = hub("erase", CASE, *WHY, "--yes")
    assert refused.code == 1
    assert "is owed" in refused.err
    assert "--discard" in refused.err
    outcome = hub("erase", CASE, *WHY, "--yes", "--discard", "--json")
    said = json.loads(outcome.out)
    assert (said["erased"]["discarded"], said["waiting"]) == (1, None)
    assert hub("ledger").code == 0


def test_a_case_that_is_not_there_is_said_to_be(hub: Hub, store: Fill) -> None:
    store(lambda _: asyncio.sleep(0))
    outcome = hub("erase", uuid4(), *WHY, "--yes")
    assert outcome.code == 1
    assert "There is no case" in outcome.err
