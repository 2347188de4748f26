import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, text
from sqlalchemy.sql.dml import Update

from hub.model.identifiers import MessageUuid
from hub.store import (
    PUBLISH_GRACE,
    Claimed,
    Connection,
    Due,
    NewMessage,
    NotYours,
    State,
    Store,
    claim,
    due,
    extend_lease,
    finish,
    hand_over,
    insert_case,
    message_by_id,
    overdue_places,
    park,
    postpone,
    refill,
    replay,
    unpark,
    unpublished,
)
from hub.store.due import _DUE, _OVERDUE_AUTHORITIES, _REFILL_AUTHORITY, _REFILL_PROVIDER
from hub.store.tables import messages
from tests.store.building import AGAIN, LEASE, NOW, a_case, a_message, an_update, put

PROBE = timedelta(days=1)


async def given_out(store: Store, after: timedelta = timedelta(0)) -> set[MessageUuid]:
    """What is published where every queue has run dry."""
    now = NOW + after
    found = await store.run(lambda c: due(c, now, 100, AGAIN))
    for owes, place in await store.read(lambda c: overdue_places(c, now)):
        found += await store.run(
            lambda c, owes=owes, place=place: refill(c, owes, place, now, 100, AGAIN)
        )
    return {one.message for one in found}


def look(connection: Connection, limit: int) -> list[Due]:
    return refill(connection, "deliver", "990001", NOW, limit, AGAIN)


async def test_a_reply_waits_for_its_submission_and_is_set_free_by_its_end(store: Store) -> None:
    case = a_case()
    submission, reply = a_message(case), a_message(case, kind="reply", trace="00-reply")
    await store.run(lambda c: put(c, case, submission, reply))
    assert await given_out(store) == {submission.id}
    assert await store.run(lambda c: claim(c, reply.id, "me", NOW, LEASE)) == NotYours("waiting")

    await store.run(lambda c: hand_over(c, submission.id, NOW))
    assert await store.run(lambda c: claim(c, reply.id, "me", NOW, LEASE)) == NotYours("waiting")
    freed = await store.run(lambda c: finish(c, submission.id, State.ACCEPTED, NOW))

    assert freed == [Due(reply.id, case.id, case.authority, "deliver", None, 0, "00-reply")]
    assert await given_out(store) == set(), "whoever set it free publishes it first"
    assert await given_out(store, PUBLISH_GRACE) == {reply.id}
    assert await store.run(lambda c: finish(c, submission.id, State.ACCEPTED, NOW)) == []


async def test_death_frees_nobody_but_discarding_does(store: Store) -> None:
    case = a_case()
    submission, reply = a_message(case), a_message(case, kind="reply")
    await store.run(lambda c: put(c, case, submission, reply))

    assert await store.run(lambda c: finish(c, submission.id, State.DEAD, NOW, cause="X001")) == []
    assert await store.run(lambda c: claim(c, reply.id, "me", NOW, LEASE)) == NotYours("waiting")
    assert await given_out(store, AGAIN) == set()
    freed = await store.run(lambda c: finish(c, submission.id, State.DISCARDED, NOW))

    assert [one.message for one in freed] == [reply.id]
    assert isinstance(await store.run(lambda c: claim(c, reply.id, "me", NOW, LEASE)), Claimed)


async def test_who_waits_for_a_message_discarded_out_of_turn_waits_for_the_one_before(
    store: Store,
) -> None:
    case = a_case()
    first, second, third = (a_message(case) for _ in range(3))
    await store.run(lambda c: put(c, case, first, second, third))

    assert await store.run(lambda c: finish(c, second.id, State.DISCARDED, NOW)) == []
    waiting = await store.read(lambda c: message_by_id(c, third.id))
    freed = await store.run(lambda c: finish(c, first.id, State.ACCEPTED, NOW))

    assert waiting is not None
    assert waiting.waits_for == first.id
    assert [one.message for one in freed] == [third.id]


async def test_a_dead_message_is_replayed_with_all_its_attempts(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    assert await store.run(lambda c: replay(c, message.id, NOW)) is None
    await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    await store.run(lambda c: finish(c, message.id, State.DEAD, NOW, cause="X001"))

    later = NOW + timedelta(days=1)
    again = await store.run(lambda c: replay(c, message.id, later))

    row = await store.read(lambda c: message_by_id(c, message.id))
    assert again is not None
    assert again.message == message.id
    assert row is not None
    assert (row.state, row.attempts, row.cause, row.concluded_at) == (State.OWED, 0, None, None)
    assert (row.owed_since, row.due_at) == (later, later + PUBLISH_GRACE)


@pytest.mark.parametrize("in_doubt", [True, False])
async def test_what_died_in_doubt_is_replayed_in_doubt(store: Store, in_doubt: bool) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    await store.run(lambda c: finish(c, message.id, State.DEAD, NOW, in_doubt=in_doubt))
    await store.run(lambda c: replay(c, message.id, NOW))

    mine = await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    assert isinstance(mine, Claimed)
    assert (mine.open_ends, mine.was_in_doubt) == (0, in_doubt)


async def test_due_gives_out_once_and_again_only_later(store: Store) -> None:
    case, other = a_case(), a_case()
    now, tomorrow = a_message(case), a_message(other, due_at=NOW + timedelta(days=1))
    await store.run(lambda c: put(c, case, now))
    await store.run(lambda c: put(c, other, tomorrow))

    assert await given_out(store) == {now.id}
    assert await given_out(store, AGAIN - timedelta(microseconds=1)) == set()
    assert await given_out(store, AGAIN) == {now.id}
    assert await given_out(store, timedelta(days=1)) == {now.id, tomorrow.id}


async def test_due_leaves_out_who_is_leased_and_who_is_parked(store: Store) -> None:
    parked, leased = a_case(authority="990001"), a_case(authority="990002")
    waiting, update, worked_on = a_message(parked), an_update(parked), a_message(leased)
    await store.run(lambda c: put(c, parked, waiting, update))
    await store.run(lambda c: put(c, leased, worked_on))
    await store.run(lambda c: park(c, "990001", "endpoint.down", NOW, NOW + PROBE))
    claimed = await store.run(lambda c: claim(c, worked_on.id, "me", NOW, LEASE))
    assert isinstance(claimed, Claimed)

    assert await given_out(store) == {update.id}, "what goes up does not need the system"
    assert await given_out(store, LEASE) == {worked_on.id}

    await store.run(lambda c: extend_lease(c, worked_on.id, claimed.lease, NOW + 3 * AGAIN))
    await store.run(lambda c: unpark(c, "990001"))
    assert await given_out(store, 2 * AGAIN) == {waiting.id, update.id}


async def test_letters_for_a_provider_that_is_parked_are_not_due_and_those_for_others_are(
    store: Store,
) -> None:
    case = a_case(provider="zbp")
    parked, down = an_update(case), a_message(case)
    other = a_case(provider="local")
    letter = an_update(other)
    await store.run(lambda c: put(c, case, parked, down))
    await store.run(lambda c: put(c, other, letter))
    await store.run(lambda c: park(c, "zbp", "mailbox.unreachable", NOW, NOW + PROBE))

    assert await given_out(store) == {down.id, letter.id}
    assert parked.id in await given_out(store, PROBE)


async def test_a_parked_authority_is_due_when_it_is_to_be_probed(store: Store) -> None:
    case = a_case(authority="990001")
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    await store.run(lambda c: park(c, "990001", "endpoint.down", NOW, NOW + PROBE))

    assert await given_out(store, PROBE - timedelta(seconds=1)) == set()
    assert await given_out(store, PROBE) == {message.id}


async def test_those_that_look_at_the_same_time_never_get_the_same(store: Store) -> None:
    every: list[NewMessage] = []
    for _ in range(60):
        case = a_case()
        every.append(a_message(case))
        await store.run(lambda c, case=case: put(c, case, every[-1]))

    looks = await asyncio.gather(*(store.run(lambda c: look(c, 10)) for _ in range(10)))

    given = [one.message for found in looks for one in found]
    assert all(len(found) <= 10 for found in looks)
    assert len(given) == len(set(given))
    given += [one.message for one in await store.run(lambda c: look(c, 100))]
    assert sorted(given) == sorted(message.id for message in every)


async def test_what_lies_in_a_queue_is_not_due_and_what_was_postponed_is(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    assert await store.run(lambda c: due(c, NOW + AGAIN, 100, AGAIN)) == []

    await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    await store.run(lambda c: postpone(c, message.id, due_at=NOW + AGAIN, cause="endpoint.busy"))

    assert await store.run(lambda c: due(c, NOW, 100, AGAIN)) == []
    [found] = await store.run(lambda c: due(c, NOW + AGAIN, 100, AGAIN))
    assert found.message == message.id
    assert await store.run(lambda c: due(c, NOW + 9 * AGAIN, 100, AGAIN)) == []
    assert await store.read(lambda c: overdue_places(c, NOW + 2 * AGAIN)) == [("deliver", "990001")]


async def test_what_could_not_be_published_is_due_again_soon(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    taken = await store.run(lambda c: look(c, 10))
    assert await store.run(lambda c: due(c, NOW, 10, AGAIN)) == []

    await store.run(lambda c: unpublished(c, taken, NOW + timedelta(seconds=1)))

    assert await store.run(lambda c: due(c, NOW, 10, AGAIN)) == []
    assert await store.run(lambda c: due(c, NOW + timedelta(seconds=1), 10, AGAIN)) == taken


async def test_the_longest_owed_come_first(store: Store) -> None:
    cases = [a_case() for _ in range(5)]
    late = [
        a_message(case, created_at=NOW - timedelta(hours=hours)) for hours, case in enumerate(cases)
    ]
    for case, message in zip(cases, late, strict=True):
        await store.run(lambda c, case=case, message=message: put(c, case, message))

    first = await store.run(lambda c: look(c, 2))

    assert {one.message for one in first} == {late[4].id, late[3].id}


async def test_looking_for_what_is_due_does_not_read_what_is_finished(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: insert_case(c, case))
    finished = [
        {
            **{name: getattr(m, name) for name in m.__slots__ if name != "case"},
            "case_id": case.id,
            "position": position,
            "attempts": 1,
            "unexpected": 0,
            "begun": 0,
            "queued": False,
        }
        for position, m in enumerate(a_message(case, state=State.ACCEPTED) for _ in range(3000))
    ]
    await store.run(lambda c: c.execute(insert(messages), finished) and None)

    plans = await store.run(lambda c: [_plan(c, each) for each in (_DUE, _REFILL_PROVIDER)])

    for plan in plans:
        assert "messages_due" in plan
        assert "SCAN messages\n" not in plan


async def test_one_place_is_refilled_without_reading_what_others_are_owed(store: Store) -> None:
    await store.run(_a_backlog)

    plans = await store.run(
        lambda c: [_plan(c, each) for each in (_REFILL_AUTHORITY, _OVERDUE_AUTHORITIES)]
    )

    for plan in plans:
        assert "messages_unfinished" in plan
        assert "messages_due" not in plan
        assert "SCAN messages" not in plan
    places = await store.read(lambda c: overdue_places(c, NOW))
    assert places == [("deliver", "990001"), ("deliver", "990002"), ("mail", "local")]
    taken = await store.run(lambda c: refill(c, "deliver", "990002", NOW, 7, AGAIN))
    assert [one.authority for one in taken] == ["990002"] * 7


def _a_backlog(connection: Connection) -> None:
    for key in ("990001", "990002"):
        for _ in range(200):
            case = a_case(authority=key)
            put(connection, case, a_message(case))
    case = a_case(authority="990003")  # owed nothing but a letter
    put(connection, case, an_update(case))


def _plan(connection: Connection, statement: Update | Select[Any]) -> str:
    words = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE messages"))
    compiled = statement.compile(dialect=connection.dialect)
    given = dict.fromkeys(("now", "before", "next"), 0) | {"most": 9, "wanted": "", "place": ""}
    named = {name: given.get(name, value) for name, value in compiled.params.items()}
    values = tuple(named[name] for name in compiled.positiontup or ()) or named
    rows = connection.exec_driver_sql(f"{words} {compiled}", values).all()
    return "\n".join(str(row[-1]) for row in rows) + "\n"
