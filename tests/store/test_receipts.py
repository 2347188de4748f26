from datetime import timedelta

from hub.store import (
    Claimed,
    State,
    Store,
    claim,
    finish,
    hand_over,
    message_by_id,
    owe_without_receipt,
    record_step,
    steps_done,
)
from tests.store.building import LEASE, NOW, a_case, a_message, put

LATER = NOW + timedelta(hours=24)


async def test_what_has_no_receipt_in_time_is_sent_again_as_a_whole_and_in_doubt(
    store: Store,
) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    await store.run(lambda c: claim(c, message.id, "one", NOW, LEASE))
    await store.run(lambda c: record_step(c, message.id, "head", "done", NOW))
    await store.run(lambda c: hand_over(c, message.id, NOW))

    early = NOW - timedelta(seconds=1)
    assert await store.run(lambda c: owe_without_receipt(c, early, LATER, 10)) == []
    owed = await store.run(lambda c: owe_without_receipt(c, NOW, LATER, 10))

    assert [(each.id, each.state) for each in owed] == [(message.id, State.OWED)]
    assert await store.read(lambda c: steps_done(c, message.id)) == {}
    again = await store.run(lambda c: claim(c, message.id, "two", LATER, LEASE))
    assert isinstance(again, Claimed)
    assert again.was_in_doubt


async def test_what_has_its_receipt_is_left_alone(store: Store) -> None:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    await store.run(lambda c: hand_over(c, message.id, NOW))
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, NOW))

    assert await store.run(lambda c: owe_without_receipt(c, LATER, LATER, 10)) == []

    found = await store.read(lambda c: message_by_id(c, message.id))
    assert found is not None
    assert found.state is State.ACCEPTED
