"""Whether a case may be erased, what is found of it, and what becomes of what comes later."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hub.model.downward import Reply
from hub.model.failure import PermanentFailure
from hub.stages.erasure import Erased, Erasure, StillOwed
from hub.store import (
    Case,
    NewDeadLetter,
    State,
    Store,
    acts,
    bury,
    case_by_id,
    claim,
    dead_letter_by_id,
    hand_over,
    journey,
    ledger,
    letters,
    messages_of,
    record_step,
    release_leases,
    steps_done,
    verify_acts,
)
from tests.builders import a_reply, a_submission
from tests.stages.given import (
    NOW,
    an_accepted_case,
    said_by_the_authority,
    sent_by_the_applicant,
)
from tests.store.building import LEASE, a_dead_letter

LATER = NOW + timedelta(days=3)


async def erased(store: Store, case: Case, *, discard: bool = False) -> Erased:
    erasure = Erasure(store, lambda: LATER)
    return await erasure.erase(case.id, actor="cli:ola", reason="asked for it", discard=discard)


async def at_the_door(store: Store, body: bytes, **given: object) -> NewDeadLetter:
    id_ = uuid4()
    letter = a_dead_letter(id=id_, content=store.sealer.seal(body, f"dead:{id_}"), **given)
    await store.run(lambda c: bury(c, letter))
    return letter


async def with_a_reply(store: Store, state: State) -> tuple[Case, Reply]:
    case = await an_accepted_case(store)
    reply = a_reply(id=uuid4(), case=case.id)
    await sent_by_the_applicant(store, case, reply, state)
    return case, reply


async def test_ids_times_and_states_stay_and_everything_said_goes(store: Store) -> None:
    case, _ = await with_a_reply(store, State.ACCEPTED)
    await said_by_the_authority(store, case, "question", deadline=LATER.date())
    await store.run(lambda c: record_step(c, case.id, "step", "what the system said", NOW))
    before = await store.read(lambda c: messages_of(c, case.id))
    done = await erased(store, case)
    assert (done.first, done.messages, done.discarded, done.documents) == (True, 3, 0, 3)
    after = await store.read(lambda c: messages_of(c, case.id))
    assert [(row.id, row.state, row.created_at) for row in after] == [
        (row.id, row.state, row.created_at) for row in before
    ]
    assert {(row.content, row.digest, row.deadline) for row in after} == {(None, "0" * 64, None)}
    kept = await store.read(lambda c: case_by_id(c, case.id))
    assert kept is not None
    assert (kept.profile, kept.provider, kept.back_channel) == (b"", None, False)
    assert kept.erased_at == LATER
    assert await store.read(lambda c: letters(c, case=case.id)) == []
    assert await store.read(lambda c: steps_done(c, case.id)) == {}
    assert await store.documents.hashes_of(case.id) == set()
    assert (await store.read(lambda c: journey(c, case.id)))[-1].name == "erased"
    [act] = await store.read(acts)
    assert (act.act.action, act.act.actor) == ("case.erase", "cli:ola")
    assert await store.read(verify_acts) is None
    assert (await store.read(ledger)).balanced


@pytest.mark.parametrize("state", [State.OWED, State.HANDED_OVER, State.DEAD])
async def test_what_is_not_finished_is_discarded_only_if_that_is_said(
    store: Store, state: State
) -> None:
    case, reply = await with_a_reply(store, State.OWED if state is State.HANDED_OVER else state)
    if state is State.HANDED_OVER:
        await store.run(lambda c: hand_over(c, reply.id, NOW))
    with pytest.raises(StillOwed) as refused:
        await erased(store, case)
    assert refused.value.cause == "case.unfinished"
    assert str(reply.id) in refused.value.sentence
    assert await store.documents.hashes_of(case.id) != set()
    done = await erased(store, case, discard=True)
    assert done.discarded == 1
    rows = {row.id: row.state for row in await store.read(lambda c: messages_of(c, case.id))}
    assert rows[reply.id] is State.DISCARDED
    assert (await store.read(ledger)).balanced


async def test_what_is_being_sent_at_this_moment_is_not_erased(store: Store) -> None:
    case, reply = await with_a_reply(store, State.OWED)
    await store.run(lambda c: claim(c, reply.id, "hub", LATER, LEASE))
    with pytest.raises(StillOwed) as refused:
        await erased(store, case, discard=True)
    assert refused.value.cause == "case.at_work"
    await store.run(lambda c: release_leases(c))
    await erased(store, case, discard=True)


async def test_what_was_refused_at_the_door_is_found_by_what_it_says(store: Store) -> None:
    submission = a_submission()
    case = await an_accepted_case(store, submission)
    same = json.dumps({"application_id": case.application_id, "sender": {"key": case.sender}})
    theirs = [
        await at_the_door(store, json.dumps({"case": str(case.id)}).encode()),
        await at_the_door(store, f"<a>{str(case.id).upper()}</a>".encode("utf-16-le")),
        await at_the_door(store, b"{", correlation=str(case.id)),
        await at_the_door(store, same.encode()),
    ]
    others = [
        await at_the_door(store, json.dumps({"case": str(uuid4())}).encode()),
        await at_the_door(store, same.replace(case.sender, "alp:999999").encode()),
        await at_the_door(store, b"[" * 100_000),
    ]
    assert (await erased(store, case, discard=True)).letters_at_the_door == len(theirs)
    for letter in theirs:
        found = await store.read(lambda c, id_=letter.id: dead_letter_by_id(c, id_))
        assert found is not None
        assert (found.content, found.state, found.correlation) == (None, "discarded", None)
        assert (found.sentence, found.location, found.origin) == ("It was erased.", None, {})
    for letter in others:
        found = await store.read(lambda c, id_=letter.id: dead_letter_by_id(c, id_))
        assert found is not None
        assert (found.content, found.state) == (letter.content, "open")


async def test_what_was_on_its_way_at_that_moment_is_found_later(store: Store) -> None:
    case = await an_accepted_case(store)
    document = b"%PDF-1.7 late"
    await erased(store, case)
    late = await at_the_door(store, json.dumps({"case": str(case.id)}).encode())
    await store.documents.keep(case.id, document, hashlib.sha256(document).hexdigest())
    await Erasure(store, lambda: LATER + timedelta(hours=1)).look_again()
    found = await store.read(lambda c: dead_letter_by_id(c, late.id))
    assert found is not None
    assert (found.content, found.state) == (None, "discarded")
    assert await store.documents.hashes_of(case.id) == set()
    kept = await store.read(lambda c: case_by_id(c, case.id))
    assert kept is not None
    assert kept.erased_at == LATER
    assert len(await store.read(acts)) == 1


async def test_erasing_twice_is_harmless_and_another_case_stays_as_it_is(store: Store) -> None:
    other = await an_accepted_case(store, a_submission(id=uuid4(), application_id="AT-OTHER"))
    before = await store.read(lambda c: messages_of(c, other.id))
    case = await an_accepted_case(store)
    assert (await erased(store, case)).first
    again = await erased(store, case)
    assert (again.first, again.messages) == (False, 1)
    assert await store.read(lambda c: messages_of(c, other.id)) == before
    assert len(await store.documents.hashes_of(other.id)) == 2


async def test_there_must_be_such_a_case(store: Store) -> None:
    nobody = replace(await an_accepted_case(store), id=UUID(int=7))
    with pytest.raises(PermanentFailure, match="There is no case"):
        await erased(store, nobody)
