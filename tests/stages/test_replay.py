import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hub.model.failure import PermanentFailure, Refused
from hub.model.identifiers import CaseId, MessageUuid
from hub.stages.burial import bury_message
from hub.stages.decision import dead
from hub.stages.opening import open_dead
from hub.stages.replay import Replay, Replayings, discard_letter
from hub.store import (
    Connection,
    DeadLetter,
    Meant,
    Message,
    Seen,
    State,
    Store,
    acts,
    case_by_id,
    dead_letter_by_id,
    dead_letters,
    due,
    journey,
    ledger,
    message_by_id,
    record_step,
    select_dead,
    steps_done,
    verify_acts,
)
from tests.builders import a_reply, a_submission
from tests.stages.given import NOW, an_accepted_case, said_by_the_authority, sent_by_the_applicant

LATER = NOW + timedelta(hours=1)
WHY = Refused("The system refused the message with S010.", codes=("S010",))


def replayings(store: Store) -> Replayings:
    return Replayings(store, None, lambda: LATER, actor="cli:ola", vouched=False)


async def replayed(
    store: Store, selection: Sequence[Seen], stop: asyncio.Event | None = None
) -> list[Replay]:
    work = replayings(store).run(selection, stop or asyncio.Event())
    return [each async for each in work]


async def a_dead_submission(store: Store) -> DeadLetter:
    """One that its system had accepted, and then refused."""
    case = await an_accepted_case(store, a_submission(id=uuid4()))
    message = MessageUuid(case.id)

    def unit(connection: Connection) -> UUID:
        row = message_by_id(connection, message)
        assert row is not None
        record_step(connection, message, "head", "R-1", NOW)
        return bury_message(connection, row, dead(WHY), stage="interpret", at=NOW).id

    id_ = await store.run(unit)
    found = await store.read(lambda c: dead_letter_by_id(c, id_))
    assert found is not None
    return found


async def row_of(store: Store, letter: DeadLetter) -> Message:
    message = letter.message
    assert message is not None
    row = await store.read(lambda c: message_by_id(c, message))
    assert row is not None
    return row


async def seen(store: Store, meant: Meant | None = None) -> list[Seen]:
    return await store.read(lambda c: select_dead(c, meant or Meant()))


async def test_a_dead_message_is_owed_again_and_sent_again_as_a_whole(store: Store) -> None:
    letter = await a_dead_submission(store)

    assert await replayed(store, await seen(store)) == [Replay(letter.id, "replayed")]

    row = await row_of(store, letter)
    assert (row.state, row.attempts, row.handed_over_at, row.accepted_at) == (
        State.OWED,
        0,
        None,
        None,
    )
    assert await store.read(lambda c: steps_done(c, row.id)) == {}
    [owed] = await store.run(lambda c: due(c, LATER, 10, timedelta(minutes=1)))
    assert owed.message == row.id
    drawn = await store.read(ledger)
    assert drawn.balanced, drawn.differences


async def test_each_replay_is_written_down_with_its_dead_letter(store: Store) -> None:
    letter = await a_dead_submission(store)
    await replayed(store, await seen(store))

    [act] = await store.read(acts)
    assert (act.act.actor, act.act.action, act.act.subject) == (
        "cli:ola",
        "dead.replay",
        str(letter.id),
    )
    assert letter.case is not None
    event = (await store.read(lambda c: journey(c, CaseId(letter.case or uuid4()))))[-1]
    assert (event.name, event.detail) == ("replayed", {"dead_letter": str(letter.id)})


async def test_finished_steps_are_kept_of_what_the_system_never_had_in_full(store: Store) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(case=case.id, answers=MessageUuid(uuid4()))
    await sent_by_the_applicant(store, case, reply, State.OWED)

    def unit(connection: Connection) -> None:
        row = message_by_id(connection, reply.id)
        assert row is not None
        record_step(connection, reply.id, "head", "R-1", NOW)
        bury_message(connection, row, dead(WHY), stage="deliver", at=NOW)

    await store.run(unit)
    await replayed(store, await seen(store))

    assert await store.read(lambda c: steps_done(c, reply.id)) == {"head": "R-1"}


async def test_what_died_after_the_selection_is_not_replayed(store: Store) -> None:
    first = await a_dead_submission(store)
    selection = await seen(store)
    second = await a_dead_submission(store)

    await replayed(store, selection)

    assert [one.id for one in await store.read(dead_letters)] == [second.id]
    again = await store.run(lambda c: _died_again(c, first))
    [outcome] = await replayed(store, selection)
    assert (outcome.letter, outcome.result) == (first.id, "changed")
    assert again.id in {one.id for one in await store.read(dead_letters)}


def _died_again(connection: Connection, letter: DeadLetter) -> DeadLetter:
    row = message_by_id(connection, MessageUuid(letter.message or uuid4()))
    assert row is not None
    buried = bury_message(connection, row, dead(WHY), stage="deliver", at=LATER)
    found = dead_letter_by_id(connection, buried.id)
    assert found is not None
    return found


async def test_stopping_in_the_middle_leaves_the_rest_as_it_was(store: Store) -> None:
    letters = [await a_dead_submission(store) for _ in range(5)]
    stop, done = asyncio.Event(), []

    async for each in replayings(store).run(await seen(store), stop):
        done.append(each)
        if len(done) == 2:
            stop.set()

    open_ones = {one.id for one in await store.read(dead_letters)}
    assert open_ones == {one.id for one in letters} - {one.letter for one in done}
    assert len(await store.read(acts)) == 2
    assert (await store.read(ledger)).balanced


async def test_what_was_deleted_cannot_be_replayed(store: Store) -> None:
    letter = await a_dead_submission(store)
    await store.run(lambda c: c.execute(text("UPDATE messages SET content = NULL")) and None)

    [outcome] = await replayed(store, await seen(store))

    assert (outcome.letter, outcome.result) == (letter.id, "impossible")
    assert "deleted" in str(outcome.sentence)
    assert await store.read(acts) == []
    assert (await row_of(store, letter)).state is State.DEAD


async def test_discarding_frees_what_waits_and_changes_where_the_case_stands(store: Store) -> None:
    letter = await a_dead_submission(store)
    assert letter.case is not None
    case = await store.read(lambda c: case_by_id(c, CaseId(letter.case or uuid4())))
    assert case is not None
    reply = a_reply(case=case.id, answers=MessageUuid(uuid4()))
    await sent_by_the_applicant(store, case, reply, State.OWED)

    await store.run(
        lambda c: discard_letter(c, letter.id, "sent twice", actor="cli:ola", now=LATER)
    )

    assert (await row_of(store, letter)).state is State.DISCARDED
    found = await store.read(lambda c: dead_letter_by_id(c, letter.id))
    assert found is not None
    assert (found.state, found.reason) == ("discarded", "sent twice")
    [owed] = await store.run(lambda c: due(c, LATER, 10, timedelta(minutes=1)))
    assert owed.message == reply.id
    after = await store.read(lambda c: case_by_id(c, case.id))
    assert after is not None
    assert after.state == "unsent"
    [act] = await store.read(acts)
    assert (act.act.action, act.act.detail["reason"]) == ("dead.discard", "sent twice")
    drawn = await store.read(ledger)
    assert drawn.balanced, drawn.differences


async def test_only_what_is_open_can_be_discarded_and_all_or_nothing(store: Store) -> None:
    letters = [await a_dead_submission(store) for _ in range(2)]
    await replayed(store, (await seen(store))[:1])
    ids = {one.id for one in letters}
    [still_open] = [one.id for one in await store.read(dead_letters)]

    def both(connection: Connection) -> None:
        for id_ in (still_open, *(ids - {still_open})):
            discard_letter(connection, id_, "no", actor="cli:ola", now=LATER)

    with pytest.raises(PermanentFailure, match=r"letter\.decided"):
        await store.run(both)
    with pytest.raises(PermanentFailure, match=r"letter\.unknown"):
        await store.run(lambda c: discard_letter(c, uuid4(), "no", actor="me", now=LATER))

    assert [one.id for one in await store.read(dead_letters)] == [still_open]
    assert [one.act.action for one in await store.read(acts)] == ["dead.replay"]


async def test_opening_is_written_down_before_anything_is_read(store: Store) -> None:
    letter = await a_dead_submission(store)

    opened = await open_dead(store, letter.id, actor="cli:ola", now=lambda: LATER)

    assert '"application_id": "AT-2026-000001"' in opened
    [act] = await store.read(acts)
    assert (act.act.actor, act.act.action, act.act.subject) == (
        "cli:ola",
        "dead.open",
        str(letter.id),
    )
    assert act.act.detail == {}
    assert await store.read(verify_acts) is None


async def test_who_tried_to_open_what_does_not_open_is_known_all_the_same(store: Store) -> None:
    case = await an_accepted_case(store)
    said = await said_by_the_authority(store, case, "status", state=State.OWED)

    def unit(connection: Connection) -> UUID:
        row = message_by_id(connection, said.id)
        assert row is not None
        return bury_message(connection, row, dead(WHY), stage="mailbox", at=NOW).id

    letter = await store.run(unit)
    with pytest.raises(PermanentFailure, match=r"content\.unreadable"):  # it is not sealed at all
        await open_dead(store, letter, actor="cli:ola", now=lambda: LATER)
    assert len(await store.read(acts)) == 1
