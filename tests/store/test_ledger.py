from datetime import timedelta

import pytest
from sqlalchemy import Delete, Update, delete, update

from hub.store import (
    Balance,
    Event,
    NewMessage,
    State,
    Store,
    bury,
    finish,
    hand_over,
    insert_message,
    ledger,
    record,
    replay,
)
from hub.store.balanced import if_nothing_differs
from hub.store.tables import messages
from tests.store.building import NOW, a_case, a_dead_letter, a_message, an_update, put, tell


@pytest.fixture
async def line(store: Store) -> list[NewMessage]:
    """Six messages down, one in each state; two up."""
    case = a_case()
    down = [a_message(case) for _ in range(6)]
    up = [an_update(case), an_update(case, state=State.WITHHELD)]
    await store.run(lambda c: put(c, case, *down, *up))

    async def conclude(message: NewMessage, state: State) -> None:
        await store.run(
            lambda c: (finish(c, message.id, state, NOW), tell(c, message, state.value))
        )

    await conclude(down[0], State.ACCEPTED)
    await conclude(down[1], State.DEAD)
    await conclude(down[2], State.DEAD)
    await conclude(down[2], State.DISCARDED)
    await conclude(down[3], State.DEAD)
    await store.run(lambda c: (replay(c, down[3].id, NOW), tell(c, down[3], "replayed")))
    await store.run(lambda c: (hand_over(c, down[4].id, NOW), tell(c, down[4], "handed_over")))
    await conclude(up[0], State.PROVIDED)
    await store.run(lambda c: tell(c, up[1], "withheld"))
    return [*down, *up]


async def behind_the_journal(store: Store, statement: Update | Delete, message: NewMessage) -> None:
    of_it = statement.where(messages.c.id == message.id)
    await store.run(lambda c: c.execute(of_it) and None)


async def test_what_came_in_is_found_again(store: Store, line: list[NewMessage]) -> None:
    await store.run(lambda c: bury(c, a_dead_letter()))
    await store.run(lambda c: bury(c, a_dead_letter(message=line[1].id, case=line[1].case)))

    drawn_up = await store.read(ledger)

    down = {"came_in": 6, "accepted": 1, "owed": 3, "dead": 1, "discarded": 1}
    up = {"came_in": 2, "accepted": 2, "owed": 0, "dead": 0, "discarded": 0}
    day = NOW.date()
    assert drawn_up.balances == (
        Balance(authority="990001", day=day, direction="down", **down),
        Balance(authority="990001", day=day, direction="up", **up),
    )
    assert (drawn_up.totals.came_in, drawn_up.totals.difference) == (8, 0)
    assert drawn_up.refused_at_the_door == 1
    assert drawn_up.balanced
    assert drawn_up.differences == ()


async def test_a_row_that_vanished_is_named(store: Store, line: list[NewMessage]) -> None:
    await behind_the_journal(store, delete(messages), line[0])

    drawn_up = await store.read(ledger)

    assert drawn_up.differences == (f"message {line[0].id} came in but has no row any more",)
    assert drawn_up.totals.difference == 1
    assert not drawn_up.balanced


@pytest.mark.parametrize(
    ("number", "told"), [(1, "dead"), (4, "nothing that ended it"), (3, "replayed")]
)
async def test_a_state_changed_behind_the_journal_is_named(
    store: Store, line: list[NewMessage], number: int, told: str
) -> None:
    await behind_the_journal(store, update(messages).values(state="accepted"), line[number])

    drawn_up = await store.read(ledger)

    assert drawn_up.differences == (
        f"message {line[number].id} is accepted, but the journal last says {told}",
    )
    assert not drawn_up.balanced


async def test_a_message_that_nobody_saw_come_in_is_named(
    store: Store, line: list[NewMessage]
) -> None:
    case = a_case(id=line[0].case)
    smuggled, noted = a_message(case), an_update(case, state=State.NOTED, owes=None)
    await store.run(lambda c: insert_message(c, smuggled))
    await store.run(lambda c: insert_message(c, noted))

    drawn_up = await store.read(ledger)

    assert drawn_up.differences == (
        f"message {smuggled.id} is owed, but the journal does not know it came in",
    )
    assert drawn_up.totals.difference == -1


async def test_every_authority_and_day_is_balanced_apart(store: Store) -> None:
    later = NOW + timedelta(days=1)
    for authority, at in (("990001", NOW), ("990001", later), ("990002", NOW)):
        case = a_case(authority=authority)
        message = a_message(case, created_at=at)
        await store.run(lambda c, case=case: put(c, case))
        await store.run(
            lambda c, message=message, at=at: (
                insert_message(c, message),
                record(c, Event(message.case, message.id, at, "received", "intake")),
            )
        )

    drawn_up = await store.read(ledger)

    assert [(b.day, b.authority, b.owed) for b in drawn_up.balances] == [
        (NOW.date(), "990001", 1),
        (NOW.date(), "990002", 1),
        (later.date(), "990001", 1),
    ]
    assert drawn_up.balanced


async def test_what_does_not_differ_is_added_up_the_same_where_something_does(
    store: Store, line: list[NewMessage]
) -> None:
    noted = an_update(a_case(id=line[0].case), state=State.NOTED, owes=None)
    await store.run(lambda c: insert_message(c, noted))
    assert await store.read(if_nothing_differs) is not None
    at_once = await store.read(ledger)

    elsewhere = a_case(authority="990099")
    smuggled = a_message(elsewhere)
    await store.run(lambda c: (put(c, elsewhere), insert_message(c, smuggled)))
    assert await store.read(if_nothing_differs) is None
    one_by_one = await store.read(ledger)
    here = tuple(each for each in one_by_one.balances if each.authority != "990099")
    assert here == at_once.balances
    assert len(one_by_one.balances) == len(here) + 1


async def test_an_empty_store_is_balanced(store: Store) -> None:
    assert (await store.read(ledger)).balanced
