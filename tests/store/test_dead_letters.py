from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hub.store import (
    DeadLetter,
    Store,
    bury,
    count_replay,
    dead_letter_by_id,
    dead_letters,
    discard,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    replay_passed,
    set_replayed,
)
from tests.store.building import NOW, a_dead_letter

LATER = NOW + timedelta(hours=1)


async def found(store: Store, letter_id: UUID) -> DeadLetter:
    letter = await store.read(lambda c: dead_letter_by_id(c, letter_id))
    assert letter is not None
    return letter


async def test_a_dead_letter_is_kept_once(store: Store) -> None:
    letter = a_dead_letter(authority="990001", reply_to="hub.refusals", correlation="abc")

    assert await store.run(lambda c: bury(c, letter))
    assert not await store.run(lambda c: bury(c, letter))

    (kept,) = await store.read(dead_letters)
    for name in letter.__slots__:
        assert getattr(kept, name) == getattr(letter, name), name
    assert (kept.state, kept.reason, kept.refusal_attempts) == ("open", None, 0)
    assert kept == await found(store, letter.id)
    assert await store.read(lambda c: dead_letter_by_id(c, uuid4())) is None


async def test_a_decision_is_made_once_and_has_its_reason(store: Store) -> None:
    discarded, replayed = a_dead_letter(), a_dead_letter()
    await store.run(lambda c: (bury(c, discarded), bury(c, replayed)))

    assert await store.run(lambda c: discard(c, discarded.id, "sent twice by mistake", NOW))
    assert await store.run(lambda c: set_replayed(c, replayed, NOW))
    assert not await store.run(lambda c: discard(c, replayed.id, "too late", NOW))
    assert not await store.run(lambda c: set_replayed(c, discarded, NOW))

    one, other = await found(store, discarded.id), await found(store, replayed.id)
    assert (one.state, one.reason, one.decided_at) == ("discarded", "sent twice by mistake", NOW)
    assert one.content is None, "what nobody needs is not kept"
    assert (other.state, other.reason) == ("replayed", None)
    assert other.content is not None, "it may die again"
    assert await store.read(dead_letters) == []
    assert await store.read(lambda c: dead_letters(c, state="replayed")) == [other]


async def test_what_dies_again_is_open_again_with_its_latest_cause(store: Store) -> None:
    letter = a_dead_letter(reply_to="hub.refusals")
    await store.run(lambda c: bury(c, letter))
    await store.run(lambda c: count_replay(c, letter.id))
    await store.run(lambda c: set_replayed(c, letter, NOW))

    again = replace(letter, cause="X001", sentence="It is not valid.", at=LATER, content=b"new")
    assert not await store.run(lambda c: bury(c, again))

    reopened = await found(store, letter.id)
    assert (reopened.state, reopened.decided_at, reopened.replays) == ("open", None, 1)
    assert (reopened.cause, reopened.sentence, reopened.at) == ("X001", "It is not valid.", LATER)
    assert reopened.content == letter.content
    assert not await store.run(lambda c: set_replayed(c, letter, LATER)), "what was seen is gone"
    assert not await store.run(lambda c: replay_passed(c, letter.id, letter.at, LATER))
    assert (await found(store, letter.id)).state == "open"


async def test_what_passes_needs_its_content_no_longer(store: Store) -> None:
    letter = a_dead_letter()
    await store.run(lambda c: bury(c, letter))

    assert await store.run(lambda c: replay_passed(c, letter.id, letter.at, LATER))
    assert not await store.run(lambda c: set_replayed(c, letter, LATER)), "it came to pass before"

    passed = await found(store, letter.id)
    assert (passed.state, passed.decided_at, passed.passed_at) == ("replayed", LATER, LATER)
    assert passed.content is None


async def test_the_newest_come_first(store: Store) -> None:
    letters = [a_dead_letter(at=NOW + timedelta(minutes=n)) for n in range(3)]
    await store.run(lambda c: [bury(c, letter) for letter in letters])

    newest = await store.read(lambda c: dead_letters(c, limit=2))

    assert [letter.id for letter in newest] == [letters[2].id, letters[1].id]


async def test_the_sender_is_told_once_and_tried_again_when_it_is_away(store: Store) -> None:
    asked, silent = a_dead_letter(reply_to="hub.refusals"), a_dead_letter()
    await store.run(lambda c: (bury(c, asked), bury(c, silent)))
    later = NOW + timedelta(minutes=1)

    async def owed(at: datetime) -> list[UUID]:
        return [one.id for one in await store.read(lambda c: refusals_owed(c, at, 10))]

    assert await owed(NOW) == [asked.id]
    await store.run(lambda c: refusal_failed(c, asked.id, later))
    assert await owed(NOW) == []
    assert await owed(later) == [asked.id]
    await store.run(lambda c: refusal_sent(c, asked.id, later))
    assert await owed(later + timedelta(days=1)) == []

    told = await found(store, asked.id)
    assert (told.refusal_sent_at, told.refusal_attempts) == (later, 2)


async def test_telling_can_be_given_up(store: Store) -> None:
    asked = a_dead_letter(reply_to="gone")
    await store.run(lambda c: bury(c, asked))
    await store.run(lambda c: refusal_failed(c, asked.id, None))

    assert await store.read(lambda c: refusals_owed(c, NOW + timedelta(days=9), 10)) == []
    assert (await found(store, asked.id)).refusal_sent_at is None
