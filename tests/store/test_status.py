from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.store import (
    Parking,
    Pause,
    State,
    Status,
    Store,
    bury,
    discard,
    finish,
    hand_over,
    needs,
    park,
    pause,
    status,
)
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(minutes=30)
PAUSE = Pause("990003", NOW, "cli:ola", "the system moves")


def a_status(**given: object) -> Status:
    plain = {
        "at": NOW,
        "owed": 0,
        "oldest_owed_since": None,
        "handed_over": 0,
        "oldest_handed_over_at": None,
        "parked": (),
        "paused": (),
        "dead": {},
        "balanced": True,
    }
    return Status(**{**plain, **given})  # type: ignore[arg-type]


async def test_one_look_sees_all(store: Store) -> None:
    cases = [a_case() for _ in range(5)]
    messages = [
        a_message(case, created_at=NOW + n * timedelta(minutes=1)) for n, case in enumerate(cases)
    ]
    for case, message in zip(cases, messages, strict=True):
        await store.run(lambda c, case=case, message=message: put(c, case, message))
    await store.run(lambda c: finish(c, messages[0].id, State.ACCEPTED, NOW))
    await store.run(lambda c: hand_over(c, messages[1].id, NOW + HOUR))
    await store.run(lambda c: park(c, "990002", "endpoint.down", NOW, LATER))
    await store.run(lambda c: pause(c, PAUSE))
    letters = [a_dead_letter(cause=cause) for cause in ("X001", "S010", "X001", "gone")]
    await store.run(lambda c: [bury(c, letter) for letter in letters])
    await store.run(lambda c: discard(c, letters[3].id, "no", NOW))

    seen = await store.read(lambda c: status(c, LATER))

    assert (seen.owed, seen.oldest_owed_since) == (3, messages[2].created_at)
    assert (seen.handed_over, seen.oldest_handed_over_at) == (1, NOW + HOUR)
    assert [one.authority for one in seen.parked] == ["990002"]
    assert seen.paused == (PAUSE,)
    assert seen.dead == {"X001": 2, "S010": 1}
    assert not seen.balanced, "one was accepted, and the journal does not say so"


async def test_an_empty_hub_is_well(store: Store) -> None:
    seen = await store.read(lambda c: status(c, NOW))
    assert seen == a_status()
    assert needs(seen) == []


async def test_a_row_that_vanished_is_seen(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    assert (await store.read(lambda c: status(c, NOW))).balanced
    await store.run(lambda c: c.execute(text("DELETE FROM messages")) and None)
    assert not (await store.read(lambda c: status(c, NOW))).balanced


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dead": {"X001": 2, "S010": 1}}, "3 dead letters wait"),
        ({"balanced": False}, "does not balance"),
        ({"parked": (Parking("990001", NOW - HOUR, NOW, 9, "endpoint.down"),)}, "990001 cannot be"),
        ({"oldest_owed_since": NOW - timedelta(days=1)}, "owed since 2026-11-01 09:30 UTC"),
    ],
)
def test_what_needs_a_person_is_said(given: dict[str, object], words: str) -> None:
    [said] = needs(a_status(**given))
    assert words in said


@pytest.mark.parametrize(
    "given",
    [
        {"owed": 9, "oldest_owed_since": NOW - HOUR},
        {"handed_over": 9, "oldest_handed_over_at": NOW - timedelta(days=9)},
        {"paused": (PAUSE,)},
        {"parked": (Parking("990001", LATER - HOUR, NOW, 2, "endpoint.down"),)},
    ],
)
def test_what_the_hub_or_somebody_else_sees_to_is_not(given: dict[str, object]) -> None:
    assert needs(a_status(**given)) == []
