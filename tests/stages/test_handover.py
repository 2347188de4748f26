"""What an attempt to hand a message over leaves in the store, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest

from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.stages.content import Kept, open_kept, seal_kept
from hub.stages.decision import Again, Dead, Decision, Park
from hub.stages.handover import carry_out, received
from hub.stages.outage import met_outage
from hub.stages.translation import Translated
from hub.store import (
    Claimed,
    Connection,
    Due,
    Message,
    NewDeadLetter,
    State,
    Store,
    claim,
    correct,
    finish,
    insert_message,
    journey,
    message_by_id,
    parkings,
    replay,
)
from hub.transport import Receipt
from hub.workshop.packed import Packed
from tests.builders import a_submission
from tests.stages.given import a_table
from tests.store.building import LEASE, NOW, a_case, a_message, put

LATER: Final = NOW + timedelta(minutes=1)
RETENTION: Final = timedelta(days=30)
SUBMISSION: Final = a_submission(authority="990001", place=None)
DEAD: Final = Dead("refused.T080", "It said no.", None, "0" * 16, ("T080",))
DOWN: Final = Park("endpoint.down")


@pytest.fixture
async def mine(store: Store) -> Claimed:
    """A submission that is being tried, and the reply that waits for it."""
    case, kept = a_case(), Kept(message=SUBMISSION, reply_to="answers", correlation="ours")
    row = a_message(case, id=SUBMISSION.id, content=seal_kept(store.sealer, kept))
    await store.run(lambda c: put(c, case, row))
    await store.run(lambda c: insert_message(c, a_message(case, kind="reply")))
    claimed = await store.run(lambda c: claim(c, row.id, "one", NOW, LEASE))
    assert isinstance(claimed, Claimed)
    return claimed


async def answer(store: Store, message: Message, *, accepted: bool) -> list[Due]:
    """The system has it, and says so."""
    route = a_table().route(AuthorityKey("990001"), SUBMISSION.service, NOW.date())
    translated = Translated(Packed(messages=()), route, Kept(message=SUBMISSION))
    receipt = Receipt(accepted=accepted, at=LATER, number="4711")
    return await store.run(lambda c: received(c, message, translated, receipt, NOW, RETENTION))


async def fail(
    store: Store,
    mine: Claimed,
    decision: Decision,
    *,
    probe: bool = False,
    refused: bool = False,
) -> NewDeadLetter | None:
    return await store.run(
        lambda c: carry_out(
            c, store.sealer, a_table(), mine, decision, LATER, probe=probe, refused=refused
        )
    )


async def park(store: Store) -> None:
    await store.run(lambda c: met_outage(c, "990001", DOWN, NOW, probe=False))


async def row_of(store: Store, mine: Claimed) -> Message:
    row = await store.read(lambda c: message_by_id(c, mine.message.id))
    assert row is not None
    return row


async def names(store: Store, mine: Claimed) -> list[str]:
    events = await store.read(lambda c: journey(c, mine.message.case))
    return [event.name for event in events if event.at == LATER]


async def test_what_is_accepted_makes_what_waited_for_it_due(store: Store, mine: Claimed) -> None:
    [due] = await answer(store, mine.message, accepted=True)

    assert due.case == mine.message.case
    row = await row_of(store, mine)
    assert (row.state, row.content_until) == (State.ACCEPTED, LATER + RETENTION)
    assert await names(store, mine) == ["handed_over", "accepted"]


async def test_what_is_only_handed_over_keeps_the_next_one_waiting(
    store: Store, mine: Claimed
) -> None:
    assert await answer(store, mine.message, accepted=False) == []

    row = await row_of(store, mine)
    assert (row.state, row.content_until) == (State.HANDED_OVER, None)
    assert await names(store, mine) == ["handed_over"]


async def test_an_answer_that_comes_late_ends_nothing_once_more(
    store: Store, mine: Claimed
) -> None:
    await answer(store, mine.message, accepted=True)
    before = await row_of(store, mine)

    assert await answer(store, mine.message, accepted=False) == []

    assert await row_of(store, mine) == before
    assert await names(store, mine) == ["handed_over", "accepted", "late"]


@pytest.mark.parametrize("how", ["accepted", "refused"])
async def test_an_authority_that_answers_is_open_again(
    store: Store, mine: Claimed, how: str
) -> None:
    await park(store)
    if how == "accepted":
        await answer(store, mine.message, accepted=True)
    else:
        await fail(store, mine, DEAD, refused=True)

    assert await store.read(parkings) == []
    assert "resumed" in await names(store, mine)


async def test_what_died_says_where_its_sender_wants_to_hear_of_it(
    store: Store, mine: Claimed
) -> None:
    letter = await fail(store, mine, DEAD, refused=True)

    assert letter is not None
    assert (letter.reply_to, letter.correlation) == ("answers", "ours")
    assert (await row_of(store, mine)).state is State.DEAD


async def test_what_failed_for_now_is_due_again_after_one_attempt_more(
    store: Store, mine: Claimed
) -> None:
    at = LATER + timedelta(minutes=5)
    assert await fail(store, mine, Again(at, "endpoint.busy", in_doubt=True)) is None

    row = await row_of(store, mine)
    assert (row.due_at, row.cause, row.attempts, row.in_doubt) == (at, "endpoint.busy", 1, True)
    assert await names(store, mine) == ["postponed"]


async def test_what_was_not_tried_has_no_attempt_more(store: Store, mine: Claimed) -> None:
    mine = replace(mine, message=replace(mine.message, cause="hub.cut_off"))
    await fail(store, mine, Again(LATER, "adapter.busy", tried=False))

    row = await row_of(store, mine)
    assert (row.attempts, row.cause) == (0, "hub.cut_off")


@pytest.mark.parametrize("probe", [True, False])
async def test_a_probe_that_found_nothing_out_is_given_back(
    store: Store, mine: Claimed, *, probe: bool
) -> None:
    await park(store)
    [before] = await store.read(parkings)
    await fail(store, mine, Again(LATER + RETENTION, "unexpected"), probe=probe)

    [after] = await store.read(parkings)
    assert after.next_probe == (LATER if probe else before.next_probe)


@pytest.mark.parametrize("shared", [True, False])
async def test_an_address_that_is_dead_parks_all_who_are_reached_there(
    store: Store, mine: Claimed, *, shared: bool
) -> None:
    await fail(store, mine, replace(DOWN, shared=shared, wait=LEASE))

    parked = {each.authority for each in await store.read(parkings)}
    everyone_of_one = {"990001", "990002", "990004", "990006", "990007"}
    assert parked == (everyone_of_one if shared else {"990001"})
    row = await row_of(store, mine)
    assert (row.attempts, row.due_at) == (0, LATER + LEASE)
    assert await names(store, mine) == ["parked"]


async def test_of_several_that_meet_one_outage_only_the_first_tells_of_it(
    store: Store, mine: Claimed
) -> None:
    await park(store)
    await fail(store, mine, DOWN)

    assert await names(store, mine) == []
    assert (await row_of(store, mine)).cause == "endpoint.down"


@pytest.mark.parametrize("decision", [Again(LATER, "endpoint.busy"), DOWN, DEAD])
async def test_what_another_hub_has_taken_over_is_left_to_it(
    store: Store, mine: Claimed, decision: Decision
) -> None:
    before = await row_of(store, mine)

    assert await fail(store, replace(mine, lease="an older one"), decision) is None

    assert await row_of(store, mine) == before
    assert await store.read(parkings) == []
    assert await names(store, mine) == ["late"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_to_what_was_corrected_since_is_none_to_what_it_became(
    store: Store, mine: Claimed, *, accepted: bool
) -> None:
    other = MessageUuid(uuid4())
    content = mine.message.content or b""

    def corrected(connection: Connection) -> None:  # by another hub and two persons
        finish(connection, mine.message.id, State.DEAD, NOW, cause="refused.T080")
        correct(connection, mine.message.id, content, other)
        replay(connection, mine.message.id, NOW)

    await store.run(corrected)
    assert await answer(store, mine.message, accepted=accepted) == []

    row = await row_of(store, mine)
    assert (row.state, row.wire) == (State.OWED, other), "what was corrected is never sent"
    assert await names(store, mine) == ["late"]


@pytest.mark.parametrize("content", [b"cut", None], ids=["damaged", "of another version"])
async def test_what_nobody_can_read_any_more_dies_all_the_same(
    store: Store, mine: Claimed, content: bytes | None
) -> None:
    sealed = content or store.sealer.seal(b"{}", f"message:{mine.message.id}")
    with pytest.raises(PermanentFailure) as raised:
        open_kept(store.sealer, sealed, mine.message.id)
    assert raised.value.cause == "content.unreadable"

    unreadable = replace(mine, message=replace(mine.message, content=sealed))
    letter = await fail(store, unreadable, DEAD)

    assert (await row_of(store, mine)).state is State.DEAD
    assert letter is not None
    assert letter.reply_to is None, "nobody knows whom to tell"
