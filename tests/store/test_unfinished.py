"""What is unfinished is counted without looking at what is finished."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, text

from hub.store import (
    Committed,
    State,
    Store,
    bury,
    discard,
    finish,
    open_dead_letters,
    owed_letters,
    unfinished,
)
from hub.store.unfinished import _OWED_LETTERS, _UNFINISHED
from tests.store.building import NOW, a_case, a_dead_letter, a_message, an_update, put


async def test_unfinished_messages_are_counted_by_authority_and_state(store: Store) -> None:
    one, other = a_case(), a_case(authority="990002")
    first = a_message(one, created_at=NOW - timedelta(hours=2))
    accepted, dead = a_message(one), a_message(other)
    await store.run(lambda c: put(c, one, first, accepted, an_update(one)))
    await store.run(lambda c: put(c, other, dead))
    await store.run(lambda c: finish(c, accepted.id, State.ACCEPTED, NOW))
    await store.run(lambda c: finish(c, dead.id, State.DEAD, NOW, cause="X001"))

    found = await store.read(unfinished)
    assert [(u.authority, u.owes, u.state, u.count, u.since) for u in found] == [
        ("990001", "deliver", State.OWED, 1, NOW - timedelta(hours=2)),
        ("990001", "mail", State.OWED, 1, NOW),
        ("990002", "deliver", State.DEAD, 1, NOW),
    ]


async def test_letters_that_wait_are_counted_by_provider(store: Store) -> None:
    one, other = a_case(), a_case(provider="zbp")
    first = an_update(one, created_at=NOW - timedelta(hours=2))
    provided, dead = an_update(one), an_update(other)
    await store.run(lambda c: put(c, one, a_message(one), first, an_update(one), provided))
    await store.run(lambda c: put(c, other, dead))
    await store.run(lambda c: finish(c, provided.id, State.ACCEPTED, NOW))
    await store.run(lambda c: finish(c, dead.id, State.DEAD, NOW, cause="X001"))

    found = await store.read(owed_letters)
    assert [(o.provider, o.count, o.since) for o in found] == [
        ("local", 2, NOW - timedelta(hours=2))
    ]


async def test_only_open_dead_letters_count(store: Store) -> None:
    letters = [a_dead_letter(cause=cause) for cause in ("X001", "X001", "V000", "S001")]
    for letter in letters:
        await store.run(lambda c, letter=letter: bury(c, letter))
    await store.run(lambda c: discard(c, letters[3].id, "a test", NOW))
    assert await store.read(open_dead_letters) == {"X001": 2, "V000": 1}


@pytest.mark.parametrize("counted", [_UNFINISHED, _OWED_LETTERS])
async def test_the_count_reads_its_own_index_only(store: Store, counted: Select[Any]) -> None:
    def plan(connection: Connection) -> str:
        literal = {"literal_binds": True}
        statement = counted.compile(dialect=connection.dialect, compile_kwargs=literal)
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # it is nearly empty
        return str(connection.execute(text(f"{explain} {statement}")).all())

    assert "messages_unfinished" in await store.run(plan)


async def test_a_watcher_is_told_what_was_committed_and_nothing_else(store: Store) -> None:
    told: list[Committed] = []
    store.watchers.append(told.append)
    case = a_case()
    message = a_message(case)

    def undone(connection: Connection) -> None:
        another = a_case()
        put(connection, another, a_message(another))
        raise ValueError("undo it")

    await store.run(lambda c: put(c, case, message))
    with pytest.raises(ValueError, match="undo it"):
        await store.run(undone)
    await store.run(lambda _: None)

    events = [event for committed in told for event in committed.events]
    assert [(event.name, event.message) for event in events] == [("received", message.id)]
    assert all(committed.took > timedelta(0) for committed in told)
