"""What needs a person is said, and what passes by itself is no alarm."""

from datetime import timedelta

import pytest

from hub.store import Parking, Pause, State, Store, Unfinished, bury, park, pause
from hub.web.standing import Standing, concerns, look
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put

HOUR = timedelta(hours=1)
PAUSE = Pause("990003", NOW, "cli:ola", "the system moves")


def standing(**given: object) -> Standing:
    plain: dict[str, object] = {
        "at": NOW,
        "broker": True,
        "unfinished": [],
        "dead": {},
        "parked": [],
        "paused": [],
        "balanced": True,
        "nowhere": 0,
        "ledger_at": NOW,
        "broken_files": [],
    }
    return Standing(**{**plain, **given})  # type: ignore[arg-type]


def waiting(state: State, age: timedelta) -> dict[str, object]:
    return {"unfinished": [Unfinished("990001", "deliver", state, 3, NOW - age)]}


def parked(age: timedelta) -> dict[str, object]:
    return {"parked": [Parking("990002", NOW - age, NOW, 3, "endpoint.down")]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"balanced": None, "broker": None}, []),
        ({"broker": False}, [("bad", "The broker cannot be reached.")]),
        ({"scanner": True}, []),
        ({"scanner": False}, [("bad", "The virus scanner cannot be reached")]),
        ({"balanced": False}, [("bad", "The ledger does not balance.")]),
        ({"nowhere": 1}, [("bad", "1 owed message is in no queue")]),
        ({"nowhere": 2}, [("bad", "2 owed messages are in no queue")]),
        ({"unattended": ["hub.intake"]}, [("bad", "No hub consumes hub.intake: no `hub run`")]),
        (
            {"unattended": [f"hub.mailbox.{name}" for name in "abcde"]},
            [("bad", "No hub consumes hub.mailbox.a, hub.mailbox.b, hub.mailbox.c and 2 more: ")],
        ),
        ({"dead": {"X001": 2, "V000": 1}}, [("bad", "3 dead letters wait for a decision.")]),
        ({"broken_files": ["routing"]}, [("bad", "The routing file is broken")]),
        (waiting(State.OWED, HOUR / 2), []),
        (waiting(State.OWED, 2 * HOUR), [("warn", "The oldest message is owed since")]),
        (waiting(State.OWED, 25 * HOUR), [("bad", "The oldest message is owed since")]),
        (waiting(State.HANDED_OVER, 23 * HOUR), []),
        (waiting(State.HANDED_OVER, 25 * HOUR), [("bad", "A system took a message of")]),
        (waiting(State.DEAD, 25 * HOUR), []),
        (parked(HOUR / 2), [("warn", "Authority 990002 cannot be reached since")]),
        (parked(2 * HOUR), [("bad", "Authority 990002 cannot be reached since")]),
        (
            {"parked": [Parking("zbp", NOW, NOW, 1, "endpoint.down")]},
            [("warn", "Mailbox provider zbp cannot be reached since")],
        ),
        ({"paused": [PAUSE]}, [("warn", "Authority 990003 is paused by cli:ola")]),
        (
            {"paused": [PAUSE], "broker": False},
            [("bad", "The broker cannot"), ("warn", "Authority 990003")],
        ),
    ],
)
def test_concerns_are_said_the_worst_first(
    given: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    found = concerns(standing(**given))
    assert [each.severity for each in found] == [severity for severity, _ in expected]
    for each, (_, sentence) in zip(found, expected, strict=True):
        assert each.sentence.startswith(sentence)


async def test_one_look_sees_all(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: put(c, case, a_message(case)))
    await store.run(lambda c: bury(c, a_dead_letter(cause="X001")))
    await store.run(lambda c: park(c, "990002", "endpoint.down", NOW, NOW + HOUR))
    await store.run(lambda c: pause(c, PAUSE))
    seen = await store.read(
        lambda c: look(
            c, NOW, broker=True, balanced=None, nowhere=None, ledger_at=None, broken_files=()
        )
    )
    assert (seen.count(State.OWED), seen.oldest(State.OWED)) == (1, NOW)
    assert (seen.dead, list(seen.paused)) == ({"X001": 1}, [PAUSE])
    assert [each.authority for each in seen.parked] == ["990002"]
