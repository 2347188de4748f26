import asyncio
from datetime import date

from hub.store import (
    Case,
    Inserted,
    State,
    Store,
    case_by_id,
    finish,
    insert_case,
    insert_message,
    message_by_id,
    message_by_wire,
    messages_of,
    set_case_state,
)
from tests.store.building import NOW, a_case, a_message, an_update, put


async def test_a_message_comes_back_as_it_was_put(store: Store) -> None:
    case = a_case()
    message = an_update(case, deadline=date(2027, 1, 31), provider="local")
    await store.run(lambda c: put(c, case, message))

    found = await store.read(lambda c: message_by_id(c, message.id))

    assert found is not None
    for name in message.__slots__:
        assert getattr(found, name) == getattr(message, name), name
    assert (found.position, found.attempts, found.unexpected, found.in_doubt) == (1, 0, 0, False)
    assert found.owed_since == NOW
    assert await store.read(lambda c: case_by_id(c, case.id)) == case


async def test_the_same_message_again_is_a_duplicate_and_another_one_a_conflict(
    store: Store,
) -> None:
    case, other = a_case(), a_case()
    message = a_message(case)
    await store.run(lambda c: (insert_case(c, case), insert_case(c, other)))
    assert await store.run(lambda c: insert_message(c, message)) is Inserted.NEW

    async def again(case: Case, **changed: object) -> Inserted:
        same = a_message(case, id=message.id, **changed)
        return await store.run(lambda c: insert_message(c, same))

    assert await again(case) is Inserted.DUPLICATE
    assert await again(case, digest="1" * 64) is Inserted.CONFLICT
    assert await again(other) is Inserted.CONFLICT
    assert len(await store.read(lambda c: messages_of(c, case.id))) == 1


async def test_each_direction_of_a_case_is_a_line_of_its_own(store: Store) -> None:
    case = a_case()
    down, up = [a_message(case) for _ in range(3)], [an_update(case) for _ in range(2)]
    noted = an_update(case, state=State.NOTED, owes=None)
    await store.run(lambda c: put(c, case, down[0], up[0], down[1], noted, up[1], down[2]))

    rows = {m.id: m for m in await store.read(lambda c: messages_of(c, case.id))}

    assert [rows[m.id].position for m in down] == [1, 2, 3]
    assert [rows[m.id].waits_for for m in down] == [None, down[0].id, down[1].id]
    assert rows[up[1].id].waits_for == up[0].id, "a noted message keeps nobody waiting"
    assert rows[noted.id].waits_for is None


async def test_messages_that_come_at_the_same_time_form_one_line(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: insert_case(c, case))
    messages = [a_message(case) for _ in range(40)]

    await asyncio.gather(*(store.run(lambda c, m=m: insert_message(c, m)) for m in messages))

    rows = await store.read(lambda c: messages_of(c, case.id))
    assert [row.position for row in rows] == list(range(1, 41))
    assert [row.waits_for for row in rows] == [None, *(row.id for row in rows[:-1])]


async def test_who_comes_while_its_predecessor_ends_never_waits_for_ever(store: Store) -> None:
    cases = [a_case() for _ in range(20)]
    firsts = [a_message(case) for case in cases]
    for case, first in zip(cases, firsts, strict=True):
        await store.run(lambda c, case=case, first=first: put(c, case, first))
    seconds = [a_message(case) for case in cases]

    await asyncio.gather(
        *(store.run(lambda c, m=m: finish(c, m.id, State.ACCEPTED, NOW)) for m in firsts),
        *(store.run(lambda c, m=m: insert_message(c, m)) for m in seconds),
    )

    for second in seconds:
        row = await store.read(lambda c, m=second: message_by_id(c, m.id))
        assert row is not None
        assert row.waits_for is None


async def test_a_document_read_into_two_messages_is_found_by_its_first(store: Store) -> None:
    case = a_case()
    first = an_update(case)
    second = an_update(case, wire=first.wire)
    await store.run(lambda c: put(c, case, first, second))

    found = await store.read(lambda c: message_by_wire(c, first.wire, case.authority, "up"))
    elsewhere = await store.read(lambda c: message_by_wire(c, first.wire, "990002", "up"))

    assert found is not None
    assert found.id == first.id
    assert elsewhere is None


async def test_a_case_is_withdrawn(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: insert_case(c, case))
    await store.run(lambda c: set_case_state(c, case.id, "withdrawn"))

    found = await store.read(lambda c: case_by_id(c, case.id))

    assert found is not None
    assert found.state == "withdrawn"
