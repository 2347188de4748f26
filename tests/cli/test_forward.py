import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.store import Store
from tests.builders import a_submission
from tests.cli.conftest import Hub
from tests.stages.given import an_accepted_case, said_by_the_authority

Fill = Callable[[Callable[[Store], object]], None]
CASE = a_submission().id
ROUTING = """
systems:
  one: {adapter: xauslaender, formats: [{version: "26.11", from: 2020-01-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: One, regional_keys: [], system: one, services: all, back_channel: true}
  "990002": {name: Mute, regional_keys: [], system: one, services: all, back_channel: false}
"""


@pytest.fixture
def routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "routing.yaml").write_text(ROUTING)
    monkeypatch.setenv("HUB_ROUTING", str(tmp_path / "routing.yaml"))


async def a_case_that_is_anothers(store: Store) -> None:
    case = await an_accepted_case(store)
    await said_by_the_authority(store, case, "not_competent")


@pytest.mark.usefixtures("routing")
def test_a_case_is_forwarded_and_what_follows_is_said(hub: Hub, store: Fill) -> None:
    store(a_case_that_is_anothers)
    outcome = hub("forward", CASE, "990002", "--reason", "moved away")
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(f"Case {CASE} goes from 990001 to 990002 as message ")
    assert "no back-channel" in outcome.out
    assert json.loads(hub("audit", "list", "--json").out)[0]["act"]["action"] == "case.forward"


@pytest.mark.usefixtures("routing")
def test_what_cannot_be_forwarded_says_why(hub: Hub, store: Fill) -> None:
    store(an_accepted_case)
    outcome = hub("forward", CASE, "990002", "--reason", "moved away")
    assert outcome.code == 1
    assert outcome.err == (
        "An authority has the application. It goes to another one only after the first has said"
        " that it is not competent.\n"
    )
    assert hub("forward", CASE, "990002").code == 2
