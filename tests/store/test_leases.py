import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

import pytest

from hub.model.identifiers import MessageUuid
from hub.store import (
    CUT_OFF,
    Claimed,
    Message,
    NewMessage,
    NotYours,
    State,
    Store,
    claim,
    due,
    end_leases,
    extend_lease,
    finish,
    give_back,
    hand_over,
    holds,
    message_by_id,
    postpone,
    record_step,
    release_leases,
    steps_done,
    waited,
)
from hub.store.leases import Claim
from tests.store.building import LEASE, NOW, a_case, a_message, put

LATER = NOW + LEASE


@pytest.fixture
async def message(store: Store) -> NewMessage:
    case = a_case()
    message = a_message(case)
    await store.run(lambda c: put(c, case, message))
    return message


async def claimed(
    store: Store, message: MessageUuid, owner: str = "one", at: datetime = NOW
) -> Claim:
    return await store.run(lambda c: claim(c, message, owner, at, LEASE))


async def row(store: Store, message: MessageUuid) -> Message:
    found = await store.read(lambda c: message_by_id(c, message))
    assert found is not None
    return found


async def test_of_many_that_claim_one_gets_it(store: Store, message: NewMessage) -> None:
    claims = await asyncio.gather(*(claimed(store, message.id, f"hub-{n}") for n in range(10)))

    got = [claim for claim in claims if isinstance(claim, Claimed)]
    assert [claim.message.attempts for claim in got] == [1]
    assert [claim for claim in claims if claim not in got] == [NotYours("taken")] * 9


async def test_a_lease_ends_by_itself_and_leaves_the_message_in_doubt(
    store: Store, message: NewMessage
) -> None:
    first = await claimed(store, message.id, "one")
    assert isinstance(first, Claimed)
    assert not first.was_in_doubt
    assert await claimed(store, message.id, "two", LATER - LEASE / 2) == NotYours("taken")

    second = await claimed(store, message.id, "two", LATER)

    assert isinstance(second, Claimed)
    assert second.was_in_doubt
    assert second.message.attempts == 1, "nobody knows of a failure"


async def test_whoever_is_at_a_message_can_prolong_its_lease(
    store: Store, message: NewMessage
) -> None:
    mine = await claimed(store, message.id, "one")
    assert isinstance(mine, Claimed)
    assert await store.run(lambda c: extend_lease(c, message.id, mine.lease, LATER + LEASE))
    assert not await store.run(lambda c: extend_lease(c, message.id, "another", LATER + LEASE))

    assert await claimed(store, message.id, "two", LATER) == NotYours("taken")


async def test_the_leases_of_the_dead_are_void_and_their_messages_in_doubt(
    store: Store, message: NewMessage
) -> None:
    await claimed(store, message.id, "killed")

    assert await store.run(release_leases) == 1

    again = await claimed(store, message.id, "reborn")
    assert isinstance(again, Claimed)
    assert again.was_in_doubt


@pytest.mark.parametrize("end", ["restart", "away", "ran out"])
async def test_an_attempt_that_the_hub_cut_off_does_not_count(
    store: Store, message: NewMessage, end: str
) -> None:
    at = NOW
    for _ in range(5):
        at = await cut_off(store, message.id, end, at)
    mine = await claimed(store, message.id, "one", at)
    assert isinstance(mine, Claimed)
    assert (mine.message.attempts, mine.open_ends) == (1, 5)
    await store.run(lambda c: postpone(c, message.id, due_at=at, cause="x", in_doubt=True))

    mine = await claimed(store, message.id, "one", at)

    assert isinstance(mine, Claimed)
    assert (mine.message.attempts, mine.open_ends) == (2, 0), "the hub did not end at that one"
    assert mine.was_in_doubt


async def cut_off(store: Store, message: MessageUuid, end: str, at: datetime) -> datetime:
    """Claim it, and have the hub end; says when that has become known."""
    assert isinstance(await claimed(store, message, "one", at), Claimed)
    if end == "restart":
        await store.run(release_leases)
    elif end == "away":
        await store.run(lambda c: end_leases(c, "one"))
    else:
        at += LEASE
    return at


@pytest.mark.parametrize("end", ["restart", "away", "ran out"])
async def test_a_claim_that_is_given_back_changes_nothing_but_when_it_is_due(
    store: Store, message: NewMessage, end: str
) -> None:
    at = await cut_off(store, message.id, end, NOW)
    found = await claimed(store, message.id, "two", at)
    assert isinstance(found, Claimed)
    await store.run(lambda c: give_back(c, message.id, due_at=at + LEASE, cause="parked"))

    again = await claimed(store, message.id, "two", at)

    assert isinstance(again, Claimed)
    assert (again.message.due_at, again.message.cause) == (at + LEASE, "parked")
    assert (again.message.attempts, again.open_ends) == (1, 1)
    await store.run(lambda c: give_back(c, message.id, due_at=at, cause="parked"))
    assert (await row(store, message.id)).attempts == 0


@pytest.mark.parametrize("end", ["restart", "away", "ran out"])
async def test_the_doubt_in_which_an_attempt_failed_outlives_the_ends_of_the_hub(
    store: Store, message: NewMessage, end: str
) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: postpone(c, message.id, due_at=NOW, cause="x", in_doubt=True))
    at = NOW
    for ends in range(3):
        mine = await claimed(store, message.id, "two", at)
        assert isinstance(mine, Claimed)
        assert (mine.open_ends, mine.was_in_doubt) == (ends, True)
        await store.run(lambda c, at=at: give_back(c, message.id, due_at=at, cause="parked"))  # type: ignore[misc]
        assert (await row(store, message.id)).in_doubt
        at = await cut_off(store, message.id, end, at)


@pytest.mark.parametrize("end", ["restart", "away", "ran out"])
async def test_nobody_takes_what_was_put_off_before_its_time(
    store: Store, message: NewMessage, end: str
) -> None:
    at = await cut_off(store, message.id, end, NOW)
    await claimed(store, message.id, "two", at)
    await store.run(lambda c: give_back(c, message.id, due_at=at + LEASE, cause=CUT_OFF))

    assert await claimed(store, message.id, "two", at) == NotYours("put_off")
    claim = await claimed(store, message.id, "two", at + LEASE)
    assert isinstance(claim, Claimed)
    assert (claim.message.cause, claim.open_ends) == (CUT_OFF, 1)


async def test_what_dispatch_has_told_of_may_be_taken_although_it_would_be_told_of_again_later(
    store: Store, message: NewMessage
) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: give_back(c, message.id, due_at=LATER, cause=CUT_OFF))

    [told] = await store.run(lambda c: due(c, LATER, 10, LEASE))

    assert told.message == message.id
    assert isinstance(await claimed(store, message.id, "two", LATER), Claimed)


async def test_what_has_waited_is_taken_at_once_after_the_next_end(
    store: Store, message: NewMessage
) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: give_back(c, message.id, due_at=LATER, cause=CUT_OFF))
    await claimed(store, message.id, "one", LATER)
    await store.run(lambda c: waited(c, message.id))
    await store.run(release_leases)

    claim = await claimed(store, message.id, "two", NOW)

    assert isinstance(claim, Claimed)
    assert (claim.message.cause, claim.open_ends) == (None, 1)


async def test_whoever_went_on_after_its_lease_holds_nothing_even_of_one_owner(
    store: Store, message: NewMessage
) -> None:
    stopped = await claimed(store, message.id, "one")
    assert isinstance(stopped, Claimed)
    assert await store.run(lambda c: holds(c, message.id, stopped.lease))

    other = await claimed(store, message.id, "one", LATER)

    assert isinstance(other, Claimed)
    assert not await store.run(lambda c: holds(c, message.id, stopped.lease))
    assert not await store.run(lambda c: extend_lease(c, message.id, stopped.lease, LATER))
    assert await store.run(lambda c: holds(c, message.id, other.lease))
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, LATER))
    assert not await store.run(lambda c: holds(c, message.id, other.lease))


async def test_an_attempt_that_ended_leaves_no_doubt(store: Store, message: NewMessage) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: postpone(c, message.id, due_at=LATER, cause="endpoint.busy"))

    postponed = await row(store, message.id)
    assert (postponed.due_at, postponed.cause) == (LATER, "endpoint.busy")
    assert (postponed.attempts, postponed.unexpected, postponed.in_doubt) == (1, 0, False)
    again = await claimed(store, message.id, "two")
    assert isinstance(again, Claimed)
    assert not again.was_in_doubt


async def test_an_attempt_without_an_answer_leaves_doubt(store: Store, message: NewMessage) -> None:
    await claimed(store, message.id)
    await store.run(
        lambda c: postpone(c, message.id, due_at=NOW, cause="endpoint.no_answer", in_doubt=True)
    )

    assert (await row(store, message.id)).in_doubt
    again = await claimed(store, message.id, "two")
    assert isinstance(again, Claimed)
    assert again.was_in_doubt


async def test_an_attempt_can_be_given_back_or_counted_as_unexpected(
    store: Store, message: NewMessage
) -> None:
    await claimed(store, message.id)
    await store.run(
        lambda c: postpone(c, message.id, due_at=NOW, cause="endpoint.down", burn=False)
    )
    await claimed(store, message.id)
    await store.run(
        lambda c: postpone(c, message.id, due_at=NOW, cause="unexpected", unexpected=True)
    )

    found = await row(store, message.id)
    assert (found.attempts, found.unexpected) == (1, 1)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DEAD])
async def test_a_receipt_that_came_meanwhile_is_not_undone(
    store: Store, message: NewMessage, state: State
) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: finish(c, message.id, state, NOW))

    await store.run(lambda c: postpone(c, message.id, due_at=LATER, cause="endpoint.no_answer"))
    await store.run(lambda c: hand_over(c, message.id, LATER))

    assert (await row(store, message.id)).state is state
    assert await claimed(store, message.id) == NotYours("finished")


async def test_what_is_handed_over_owes_nothing_but_waits_for_its_receipt(
    store: Store, message: NewMessage
) -> None:
    await claimed(store, message.id)
    await store.run(lambda c: hand_over(c, message.id, NOW))
    handed_over = await row(store, message.id)
    await store.run(lambda c: finish(c, message.id, State.ACCEPTED, LATER))
    accepted = await row(store, message.id)

    assert (handed_over.state, handed_over.due_at) == (State.HANDED_OVER, None)
    assert (accepted.state, accepted.in_doubt) == (State.ACCEPTED, False)
    assert (accepted.handed_over_at, accepted.accepted_at) == (NOW, LATER)


async def test_nobody_can_claim_what_never_was(store: Store) -> None:
    stranger = a_message(a_case())
    assert await claimed(store, stranger.id) == NotYours("unknown")


async def test_finished_steps_are_kept_over_retries(store: Store, message: NewMessage) -> None:
    def step(name: str, result: str, after: timedelta) -> Awaitable[None]:
        return store.run(lambda c: record_step(c, message.id, name, result, NOW + after))

    await step("130101", "receipt 1", timedelta(0))
    await step("000040/1", "receipt 2", timedelta(seconds=1))
    await step("130101", "receipt 3", timedelta(seconds=2))

    done = await store.read(lambda c: steps_done(c, message.id))
    assert done == {"130101": "receipt 1", "000040/1": "receipt 2"}
