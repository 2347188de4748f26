import json
import signal
import subprocess
import sys
from collections.abc import Callable
from uuid import UUID, uuid4

from hub.model.failure import Refused
from hub.model.identifiers import MessageUuid
from hub.stages.burial import bury_message
from hub.stages.decision import dead
from hub.store import Connection, Store, bury, message_by_id
from tests.builders import a_submission
from tests.cli.conftest import Hub
from tests.stages.given import an_accepted_case
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put

Fill = Callable[[Callable[[Store], object]], None]
CASE = a_submission().id
DOOR = UUID("22222222-2222-4222-8222-222222222222")
WHY = Refused("The system refused the message with S010.", codes=("S010",))


async def a_dead_submission(store: Store) -> None:
    case = await an_accepted_case(store)
    row = await store.read(lambda c: message_by_id(c, MessageUuid(case.id)))
    assert row is not None
    dead_row = row
    await store.run(lambda c: bury_message(c, dead_row, dead(WHY), stage="interpret", at=NOW))


async def refused_at_the_door(store: Store) -> None:
    body = b'{"no": "submission"}'
    letter = a_dead_letter(
        id=DOOR, cause="json.malformed", content=store.sealer.seal(body, f"dead:{DOOR}")
    )
    await store.run(lambda c: bury(c, letter))


def the_letter(hub: Hub) -> str:
    [group] = json.loads(hub("dead", "list", "--cause", "refused.S010", "--json").out)
    return str(group["example"])


def test_dead_letters_are_listed_by_cause(hub: Hub, store: Fill) -> None:
    assert hub("dead", "list").out == "No dead letters are open.\n"
    store(a_dead_submission)
    store(refused_at_the_door)
    lines = [line.split() for line in hub("dead", "list").out.splitlines()]
    assert [line[:2] for line in lines[1:]] == [["1", "json.malformed"], ["1", "refused.S010"]]
    [group] = json.loads(hub("dead", "list", "--authority", "990001", "--json").out)
    assert (group["cause"], group["count"], group["kinds"]) == ("refused.S010", 1, ["submission"])


def test_one_is_shown_without_what_came_in(hub: Hub, store: Fill) -> None:
    store(a_dead_submission)
    letter = the_letter(hub)
    outcome = hub("dead", "show", letter)
    assert outcome.code == 0, outcome.err
    assert "The system refused the message with S010." in outcome.out
    assert "AT-2026-000001" not in outcome.out
    told = json.loads(hub("dead", "show", letter, "--json").out)
    assert (told["outcome"], told["message_state"], told["content"]) == ("open", "dead", None)
    assert hub("audit", "verify").out == "Nothing was recorded yet.\n"


def test_what_came_in_is_opened_only_when_asked_and_written_down(hub: Hub, store: Fill) -> None:
    store(refused_at_the_door)
    outcome = hub("dead", "show", DOOR, "--content")
    assert "written down in the audit" in outcome.out
    assert outcome.out.endswith('{"no": "submission"}\n')
    [act] = json.loads(hub("audit", "list", "--json").out)
    assert (act["act"]["action"], act["act"]["subject"]) == ("dead.open", str(DOOR))
    assert act["act"]["actor"].startswith("cli:")


def test_a_dead_message_is_replayed_without_a_broker(hub: Hub, store: Fill) -> None:
    store(a_dead_submission)
    letter = the_letter(hub)
    outcome = hub("dead", "replay", "--cause", "refused.S010")
    assert (outcome.code, outcome.out) == (0, "Replayed: 1 of 1.\n"), outcome.err
    shown = json.loads(hub("dead", "show", letter, "--json").out)
    assert (shown["outcome"], shown["message_state"], shown["replays"]) == ("under_way", "owed", 1)
    again = hub("dead", "replay", letter)
    assert (again.code, again.out) == (1, "Replayed: 0 of 1.\n")
    assert again.err == f"{letter}: It is open no longer, or died again.\n"


def test_what_is_meant_has_to_be_said_in_one_way(hub: Hub, store: Fill) -> None:
    store(a_dead_submission)
    assert hub("dead", "replay").code == 2
    assert hub("dead", "replay", uuid4(), "--all").code == 2
    assert hub("dead", "replay", "--all", "--cause", "x").code == 2
    unknown = uuid4()
    assert hub("dead", "replay", unknown).err == f"There is no dead letter {unknown}.\n"


def test_discarding_needs_a_reason_and_is_done_once(hub: Hub, store: Fill) -> None:
    store(a_dead_submission)
    letter = the_letter(hub)
    assert hub("dead", "discard", letter).code == 2
    outcome = hub("dead", "discard", letter, "--reason", "sent twice")
    assert (outcome.code, outcome.out) == (0, "Discarded: 1.\n")
    shown = json.loads(hub("dead", "show", letter, "--json").out)
    assert (shown["outcome"], shown["reason"]) == ("discarded", "sent twice")
    assert hub("dead", "discard", letter, "--reason", "sent twice").code == 1
    assert hub("ledger").code == 0


def test_ctrl_c_ends_a_replay_between_two(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(many_dead))
    command = [sys.executable, "-m", "hub.cli", "dead", "replay", "--all"]
    with subprocess.Popen(  # noqa: S603 - the hub's own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "100 of 1000\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 1
    replayed = int(out.split()[1])
    assert 100 <= replayed < 1000
    assert f"Stopped: {1000 - replayed} are open as before." in err
    [group] = json.loads(hub("dead", "list", "--json").out)
    assert group["count"] == 1000 - replayed
    status = json.loads(hub("status", "--json").out)
    assert (status["owed"], status["ledger_balanced"]) == (replayed, True)
    acts = json.loads(hub("audit", "list", "--limit", "2000", "--json").out)
    assert len(acts) == replayed
    assert hub("audit", "verify").code == 0


def many_dead(connection: Connection) -> None:
    for _ in range(1000):
        case = a_case()
        message = a_message(case)
        put(connection, case, message)
        row = message_by_id(connection, message.id)
        assert row is not None
        bury_message(connection, row, dead(WHY), stage="deliver", at=NOW)
