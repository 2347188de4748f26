from datetime import timedelta

import pytest

from hub.model.identifiers import MessageUuid
from hub.store import (
    Claimed,
    Message,
    NewMessage,
    State,
    Store,
    claim,
    due,
    finish,
    message_by_id,
    move_next_attempt,
    move_next_attempts,
    postpone,
    unpublished,
)
from tests.store.building import AGAIN, LEASE, NOW, a_case, a_message, an_update, put

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def message(store: Store) -> NewMessage:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    return message


async def row(store: Store, id_: MessageUuid) -> Message:
    found = await store.read(lambda c: message_by_id(c, id_))
    assert found is not None
    return found


async def postponed(store: Store, id_: MessageUuid) -> None:
    assert isinstance(await store.run(lambda c: claim(c, id_, "one", NOW, LEASE)), Claimed)
    await store.run(lambda c: postpone(c, id_, due_at=LATER, cause="endpoint.busy"))


async def dispatched(store: Store) -> list[MessageUuid]:
    return [each.message for each in await store.run(lambda c: due(c, NOW, 9, AGAIN))]


async def test_a_postponed_message_is_tried_now(store: Store, message: NewMessage) -> None:
    await postponed(store, message.id)
    assert await dispatched(store) == []

    moved = await store.run(lambda c: move_next_attempt(c, message.id, NOW, NOW))

    assert moved is not None
    assert (moved.case, moved.place, moved.attempts) == (message.case, message.authority, 1)
    assert await dispatched(store) == [message.id]


async def test_or_later_than_it_would_be(store: Store, message: NewMessage) -> None:
    await postponed(store, message.id)
    at = LATER + timedelta(days=2)
    await store.run(lambda c: move_next_attempt(c, message.id, at, NOW))
    assert (await row(store, message.id)).due_at == at


async def test_what_lies_in_its_queue_or_is_being_tried_stays_as_it_is(
    store: Store, message: NewMessage
) -> None:
    before = (await row(store, message.id)).due_at
    assert await store.run(lambda c: move_next_attempt(c, message.id, LATER, NOW)) is None
    await store.run(lambda c: claim(c, message.id, "one", NOW, LEASE))
    assert await store.run(lambda c: move_next_attempt(c, message.id, LATER, NOW)) is None
    assert (await row(store, message.id)).due_at == before


async def test_what_is_done_is_not_tried_again(store: Store, message: NewMessage) -> None:
    await postponed(store, message.id)
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, NOW))
    assert await store.run(lambda c: move_next_attempt(c, message.id, NOW, NOW)) is None
    assert await dispatched(store) == []


async def test_everything_postponed_on_its_way_to_a_place_is_tried_now(store: Store) -> None:
    case, other = a_case(), a_case(authority="990002")
    down, behind, up = a_message(case), a_message(case), an_update(case)
    elsewhere = a_message(other, authority="990002")
    await store.run(lambda c: put(c, case, down, behind, up))
    await store.run(lambda c: put(c, other, elsewhere))
    for each in (down, up, elsewhere):
        await postponed(store, each.id)

    moved = await store.run(lambda c: move_next_attempts(c, case.authority, NOW))

    assert [each.message for each in moved] == [down.id]
    assert await dispatched(store) == [down.id]
    provider = up.provider or ""
    moved = await store.run(lambda c: move_next_attempts(c, provider, NOW))
    assert [(each.message, each.place) for each in moved] == [(up.id, provider)]


async def test_nothing_is_moved_that_is_due_anyway(store: Store, message: NewMessage) -> None:
    given_out = await store.run(lambda c: due(c, NOW + 2 * AGAIN, 9, AGAIN))
    await store.run(lambda c: unpublished(c, given_out, NOW))
    assert await store.run(lambda c: move_next_attempts(c, message.authority, NOW)) == []
