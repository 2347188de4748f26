from datetime import timedelta

import pytest

from hub.store import (
    DeadLetter,
    Meant,
    Seen,
    State,
    Store,
    bury,
    count_replay,
    dead_groups,
    dead_letter_by_id,
    discard,
    finish,
    outcome_of,
    replay,
    replay_passed,
    select_dead,
    set_replayed,
)
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put

MINUTE = timedelta(minutes=1)


async def test_open_dead_letters_are_grouped_by_their_cause(store: Store) -> None:
    letters = [
        a_dead_letter(cause="X001", fingerprint="a", authority="990002", at=NOW + 2 * MINUTE),
        a_dead_letter(cause="X001", fingerprint="a", authority="990001", kind="reply", at=NOW),
        a_dead_letter(cause="X001", fingerprint="a", authority=None, at=NOW + MINUTE),
        a_dead_letter(cause="X001", fingerprint="b", at=NOW),
        a_dead_letter(cause="S010", fingerprint="c", at=NOW),
    ]
    gone = a_dead_letter(cause="X001", fingerprint="a")
    await store.run(lambda c: [bury(c, letter) for letter in [*letters, gone]])
    await store.run(lambda c: discard(c, gone.id, "twice", NOW))

    first, *others = await store.read(lambda c: dead_groups(c, Meant()))

    assert (first.cause, first.fingerprint, first.count) == ("X001", "a", 3)
    assert (first.first_at, first.last_at) == (NOW, NOW + 2 * MINUTE)
    assert (first.authorities, first.kinds) == (("990001", "990002"), ("reply", "submission"))
    assert first.example in {letter.id for letter in letters[:3]}
    assert [(one.cause, one.fingerprint) for one in others] == [("S010", "c"), ("X001", "b")]


@pytest.mark.parametrize(
    ("meant", "expected"),
    [
        (Meant(), {0, 1, 2}),
        (Meant(cause="X001"), {0, 1}),
        (Meant(authority="990001"), {0, 2}),
        (Meant(kind="reply"), {1}),
        (Meant(cause="X001", authority="990001"), {0}),
        (Meant(cause="X"), set()),
    ],
)
async def test_a_selection_is_those_that_have_all_that_is_named(
    store: Store, meant: Meant, expected: set[int]
) -> None:
    letters = [
        a_dead_letter(cause="X001", authority="990001"),
        a_dead_letter(cause="X001", authority="990002", kind="reply"),
        a_dead_letter(cause="S010", authority="990001"),
    ]
    replayed = a_dead_letter(cause="X001", authority="990001")
    await store.run(lambda c: [bury(c, letter) for letter in [*letters, replayed]])
    await store.run(lambda c: set_replayed(c, replayed, NOW))

    selection = await store.read(lambda c: select_dead(c, meant))

    assert set(selection) == {Seen(letters[n].id, letters[n].at) for n in expected}


async def test_how_a_replay_of_a_message_ended_is_told_by_the_message(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    letter = a_dead_letter(message=message.id, case=case.id)
    await store.run(lambda c: put(c, case, message))
    await store.run(lambda c: finish(c, message.id, State.DEAD, NOW, cause="X001"))
    await store.run(lambda c: bury(c, letter))

    async def outcome() -> str:
        found = await store.read(lambda c: dead_letter_by_id(c, letter.id))
        assert isinstance(found, DeadLetter)
        return await store.read(lambda c: outcome_of(c, found))

    assert await outcome() == "open"
    await store.run(lambda c: (set_replayed(c, letter, NOW), replay(c, message.id, NOW)))
    assert await outcome() == "under_way"
    await store.run(lambda c: finish(c, message.id, State.DEAD, NOW, cause="X002"))
    assert await outcome() == "died_again"
    await store.run(lambda c: replay(c, message.id, NOW))
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, NOW))
    assert await outcome() == "passed"


async def test_how_a_replay_of_what_was_refused_at_the_door_ended(store: Store) -> None:
    letter = a_dead_letter()
    await store.run(lambda c: bury(c, letter))

    async def outcome() -> str:
        found = await store.read(lambda c: dead_letter_by_id(c, letter.id))
        assert isinstance(found, DeadLetter)
        return await store.read(lambda c: outcome_of(c, found))

    await store.run(lambda c: (count_replay(c, letter.id), set_replayed(c, letter, NOW)))
    assert await outcome() == "under_way"
    await store.run(lambda c: bury(c, letter))
    assert await outcome() == "died_again"
    await store.run(lambda c: replay_passed(c, letter.id, letter.at, NOW))
    assert await outcome() == "passed"
    other = a_dead_letter()
    await store.run(lambda c: (bury(c, other), discard(c, other.id, "no", NOW)))
    found = await store.read(lambda c: dead_letter_by_id(c, other.id))
    assert found is not None
    assert await store.read(lambda c: outcome_of(c, found)) == "discarded"
