"""An edit by command: proposed by one Unix user, shown, and approved by another."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import edits
from hub.store import Store
from tests.builders import a_submission
from tests.cli.conftest import Hub
from tests.cli.test_dead import DOOR, a_dead_submission, refused_at_the_door, the_letter

Fill = Callable[[Callable[[Store], object]], None]
ROUTING = """
systems:
  one: {adapter: xauslaender, formats: [{version: "26.11", from: 2020-01-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: One, regional_keys: [], system: one, services: all, back_channel: true}
"""


@pytest.fixture(autouse=True)
def _routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text(ROUTING)
    monkeypatch.setenv("HUB_ROUTING", str(path))


@pytest.fixture
def at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda name: monkeypatch.setattr(edits, "actor", lambda: f"cli:{name}")


@pytest.fixture
def letter(hub: Hub, store: Fill) -> str:
    store(a_dead_submission)
    return the_letter(hub)


def written(hub: Hub, letter: str, path: Path, old: str, new: str) -> Path:
    content = json.loads(hub("dead", "show", letter, "--content", "--json").out)["content"]
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")
    return path


def test_one_proposes_and_another_approves(
    hub: Hub, letter: str, tmp_path: Path, at_the_terminal: Callable[[str], None]
) -> None:
    assert hub("dead", "edits").out == "No edit waits for a second person.\n"
    file = written(hub, letter, tmp_path / "new.json", "Musterort", "Anderswo")
    at_the_terminal("ola")
    outcome = hub("dead", "edit", letter, "--file", file, "--reason", "a wrong place", "--json")
    assert outcome.code == 0, outcome.err
    edit = json.loads(outcome.out)
    assert (edit["state"], edit["proposed_by"], edit["difference"]) == ("proposed", "cli:ola", None)
    assert "a wrong place" in hub("dead", "edits").out
    assert [each["id"] for each in json.loads(hub("dead", "edits", "--json").out)] == [edit["id"]]

    own = hub("dead", "approve", edit["id"], "--hash", edit["sha256"])
    assert (own.code, "ask another" in own.err) == (1, True)
    at_the_terminal("kim")
    shown = hub("dead", "edits", edit["id"])
    assert (shown.code, shown.err) == (0, "")
    assert edit["sha256"] in shown.out
    assert '"place": "Anderswo"' in shown.out
    wrong = hub("dead", "approve", edit["id"], "--hash", "0" * 64)
    assert (wrong.code, "Look at it again" in wrong.err) == (1, True)
    approved = json.loads(
        hub("dead", "approve", edit["id"], "--hash", edit["sha256"], "--json").out
    )
    assert approved["letter"] == letter
    assert approved["wire"] not in (None, str(a_submission().id))

    told = json.loads(hub("dead", "show", letter, "--json").out)
    assert (told["outcome"], told["message_state"]) == ("under_way", "owed")
    late = hub("dead", "approve", edit["id"], "--hash", edit["sha256"])
    assert (late.code, "is approved, and proposed no more" in late.err) == (1, True)
    acts = [each["act"] for each in json.loads(hub("audit", "list", "--json").out)]
    assert [(act["action"], act["actor"]) for act in acts if act["action"] != "dead.open"] == [
        ("edit.propose", "cli:ola"),
        ("edit.open", "cli:kim"),
        ("edit.approve", "cli:kim"),
    ]
    assert "Anderswo" not in json.dumps(acts)
    assert hub("audit", "verify").code == 0
    assert hub("ledger").code == 0


def test_what_is_wrong_is_said_field_by_field(hub: Hub, letter: str, tmp_path: Path) -> None:
    file = written(hub, letter, tmp_path / "new.json", '"gender": "w"', '"gender": "q"')
    outcome = hub("dead", "edit", letter, "--file", file, "--reason", "to see")
    assert outcome.code == 1
    assert outcome.err.startswith("details.person.gender: not a code of ")
    file.write_bytes(b"\xff\xfe\x00")
    outcome = hub("dead", "edit", letter, "--file", file, "--reason", "to see")
    assert outcome.err == f"{file}: is not text in UTF-8; save it so.\n"


def test_a_proposal_is_withdrawn(hub: Hub, letter: str, tmp_path: Path) -> None:
    file = written(hub, letter, tmp_path / "new.json", "Musterort", "Anderswo")
    hub("dead", "edit", letter, "--file", file, "--reason", "a wrong place")
    [edit] = json.loads(hub("dead", "edits", "--json").out)
    again = hub("dead", "edit", letter, "--file", file, "--reason", "a wrong place")
    assert (again.code, "somebody has proposed an edit" in again.err) == (1, True)
    assert hub("dead", "withdraw", edit["id"]).out == "Withdrawn.\n"
    assert json.loads(hub("dead", "edits", "--json").out) == []
    assert hub("dead", "withdraw", edit["id"]).code == 1
    assert json.loads(hub("dead", "show", letter, "--json").out)["outcome"] == "open"


def test_what_was_refused_at_the_door_is_proposed_without_a_broker(
    hub: Hub, store: Fill, tmp_path: Path
) -> None:
    store(refused_at_the_door)
    file = tmp_path / "new.json"
    file.write_text(a_submission().model_dump_json())
    outcome = hub("dead", "edit", DOOR, "--file", file, "--reason", "not JSON", "--json")
    assert outcome.code == 0, outcome.err
    opened = json.loads(hub("dead", "edits", json.loads(outcome.out)["id"], "--json").out)
    assert '-  "no": "submission"' in opened["difference"]
    assert opened["problems"] == []
