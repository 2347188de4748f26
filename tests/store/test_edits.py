import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hub.model.identifiers import MessageUuid
from hub.store import (
    Connection,
    Edit,
    NewDeadLetter,
    NewEdit,
    State,
    Store,
    bury,
    correct,
    decide_edit,
    discard,
    edit_by_id,
    edit_sent,
    edits_of,
    finish,
    message_by_id,
    open_edits,
    propose_edit,
    record_step,
    replay_passed,
    set_replayed,
    steps_done,
)
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put
from tests.store.conftest import Opener

LATER = NOW + timedelta(hours=1)


def an_edit(letter: NewDeadLetter, **values: Any) -> NewEdit:
    plain: dict[str, Any] = {
        "id": uuid4(),
        "letter": letter.id,
        "died_at": letter.at,
        "sha256": "a" * 64,
        "reason": "a code that the list does not have",
        "proposed_by": "token:ola",
        "proposed_at": NOW,
        "content": b"sealed",
    }
    return NewEdit(**plain | values)


async def a_letter(store: Store) -> NewDeadLetter:
    letter = a_dead_letter()
    await store.run(lambda c: bury(c, letter))
    return letter


async def proposed(store: Store, letter: NewDeadLetter) -> UUID:
    edit = an_edit(letter)
    assert await store.run(lambda c: propose_edit(c, edit))
    return edit.id


async def found(store: Store, id_: UUID) -> Edit:
    edit = await store.read(lambda c: edit_by_id(c, id_))
    assert edit is not None
    return edit


async def test_a_letter_has_one_open_proposal(store: Store) -> None:
    letter, other = await a_letter(store), await a_letter(store)
    edit = an_edit(letter)
    assert await store.run(lambda c: propose_edit(c, edit))
    assert not await store.run(lambda c: propose_edit(c, an_edit(letter)))
    await proposed(store, other)

    kept = await found(store, edit.id)
    for name in edit.__slots__:
        assert getattr(kept, name) == getattr(edit, name), name
    assert (kept.state, kept.decided_by, kept.decided_at) == ("proposed", None, None)
    assert [each.letter for each in await store.read(open_edits)].count(letter.id) == 1
    assert len(await store.read(open_edits)) == 2


async def test_it_is_decided_once_and_its_content_forgotten(store: Store) -> None:
    letter = await a_letter(store)
    first = await proposed(store, letter)
    assert await store.run(lambda c: decide_edit(c, first, "withdrawn", "token:ola", LATER))
    assert not await store.run(lambda c: decide_edit(c, first, "approved", "token:kim", LATER))
    second = await proposed(store, letter)
    assert await store.run(lambda c: decide_edit(c, second, "approved", "token:kim", LATER))

    assert await store.read(open_edits) == []
    one, other = await found(store, first), await found(store, second)
    assert (one.state, one.decided_by, one.content) == ("withdrawn", "token:ola", None)
    assert (other.state, other.decided_by, other.content) == ("approved", "token:kim", None)
    assert other.decided_at == LATER
    assert {each.id for each in await store.read(lambda c: edits_of(c, letter.id))} == {
        first,
        second,
    }


def _replayed(connection: Connection, letter: NewDeadLetter) -> None:
    assert set_replayed(connection, letter, LATER)


def _discarded(connection: Connection, letter: NewDeadLetter) -> None:
    assert discard(connection, letter.id, "sent twice", LATER)


def _passed(connection: Connection, letter: NewDeadLetter) -> None:
    assert replay_passed(connection, letter.id, letter.at, LATER)


def _died_again(connection: Connection, letter: NewDeadLetter) -> None:
    assert not bury(connection, replace(letter, at=LATER))


@pytest.mark.parametrize("become", [_replayed, _discarded, _passed, _died_again])
async def test_whatever_becomes_of_the_letter_overtakes_it(store: Store, become: Any) -> None:
    letter, untouched = await a_letter(store), await a_letter(store)
    edit, other = await proposed(store, letter), await proposed(store, untouched)
    await store.run(lambda c: become(c, letter))
    late = await found(store, edit)
    assert (late.state, late.content, late.decided_by) == ("overtaken", None, None)
    assert late.decided_at == LATER
    assert not await store.run(lambda c: decide_edit(c, edit, "approved", "token:kim", LATER))
    assert (await found(store, other)).state == "proposed"


async def test_what_was_not_seen_is_not_edited(store: Store) -> None:
    letter, gone = await a_letter(store), await a_letter(store)
    await store.run(lambda c: bury(c, replace(letter, at=LATER)))
    await store.run(lambda c: _discarded(c, gone))
    assert not await store.run(lambda c: propose_edit(c, an_edit(letter)))
    assert not await store.run(lambda c: propose_edit(c, an_edit(gone)))
    assert not await store.run(lambda c: propose_edit(c, an_edit(a_dead_letter())))
    assert await store.run(lambda c: propose_edit(c, an_edit(letter, died_at=LATER)))


async def test_what_was_sent_was_approved_though_its_letter_was_faster(store: Store) -> None:
    letter = await a_letter(store)
    edit = await proposed(store, letter)
    await store.run(lambda c: _passed(c, letter))
    await store.run(lambda c: edit_sent(c, edit, "token:kim", LATER))
    assert (await found(store, edit)).state == "approved"


async def test_a_dead_message_is_corrected_and_begins_anew(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    wire = MessageUuid(uuid4())

    def unit(connection: Connection) -> None:
        put(connection, case, message)
        record_step(connection, message.id, "130101", "sent", NOW)

    await store.run(unit)
    assert not await store.run(lambda c: correct(c, message.id, b"other", wire))
    assert await store.read(lambda c: steps_done(c, message.id)) == {"130101": "sent"}
    await store.run(lambda c: finish(c, message.id, State.DEAD, NOW, cause="X001"))
    assert await store.run(lambda c: correct(c, message.id, b"other", wire))

    row = await store.read(lambda c: message_by_id(c, message.id))
    assert row is not None
    assert (row.content, row.wire, row.digest) == (b"other", wire, message.digest)
    assert await store.read(lambda c: steps_done(c, message.id)) == {}


_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_two_who_decide_at_once_do_not_wait_for_each_other(opener: Opener, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer")
    decided = threading.Event()
    async with opener() as one, opener() as other:
        letter = await a_letter(one)
        edit = await proposed(one, letter)

        def approve(connection: Connection) -> bool:
            done = decide_edit(connection, edit, "approved", "token:kim", LATER)
            decided.set()
            while connection.execute(_WAITING).scalar_one() == 0:
                pass
            return done and set_replayed(connection, letter, LATER)

        def replay(connection: Connection) -> bool:
            assert decided.wait(30)
            return set_replayed(connection, letter, LATER)

        assert await asyncio.gather(one.run(approve), other.run(replay)) == [True, False]
        assert (await found(one, edit)).state == "approved"
