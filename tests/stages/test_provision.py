"""What an attempt to provide a letter leaves in the store, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from hub.model.letter import Provided, Shortfall
from hub.stages.decision import Again, Dead, Decision, Park
from hub.stages.outage import met_outage
from hub.stages.provision import carry_out, place_of, was_provided, withhold
from hub.store import (
    Claimed,
    Due,
    Event,
    Message,
    State,
    Store,
    claim,
    dead_letters,
    due,
    insert_message,
    journey,
    message_by_id,
    parkings,
)
from tests.store.building import LEASE, NOW, a_case, a_message, an_update, put

LATER: Final = NOW + timedelta(minutes=1)
RETENTION: Final = timedelta(days=30)
PROVIDED: Final = Provided(at=LATER, provider_reference="4711", detail={"http": 201})
DEAD: Final = Dead("mailbox.refused", "It said no.", None, "0" * 16)
DOWN: Final = Park("mailbox.down")


@pytest.fixture
async def mine(store: Store) -> Claimed:
    """A reminder that is being tried, and the status that waits for it."""
    case, deadline = a_case(), date(2026, 11, 2)
    row = an_update(case, kind="reminder", deadline=deadline)
    await store.run(lambda c: put(c, case, row))
    await store.run(lambda c: insert_message(c, an_update(case)))
    claimed = await store.run(lambda c: claim(c, row.id, "one", NOW, LEASE))
    assert isinstance(claimed, Claimed)
    return claimed


def a_clock() -> Iterator[datetime]:
    """Another time whenever it is asked, each after that of provision."""
    at = LATER
    while True:
        at += timedelta(seconds=1)
        yield at


async def provide(store: Store, mine: Claimed, provided: Provided = PROVIDED) -> list[Due]:
    clock = a_clock()
    return await store.run(
        lambda c: was_provided(c, mine.message, provided, RETENTION, lambda: next(clock))
    )


async def fail(
    store: Store,
    mine: Claimed,
    decision: Decision,
    *,
    probe: bool = False,
    refused: bool = False,
) -> None:
    await store.run(lambda c: carry_out(c, mine, decision, LATER, probe=probe, refused=refused))


async def park(store: Store) -> None:
    await store.run(lambda c: met_outage(c, "local", DOWN, NOW, probe=False))


async def row_of(store: Store, mine: Claimed) -> Message:
    row = await store.read(lambda c: message_by_id(c, mine.message.id))
    assert row is not None
    return row


async def told(store: Store, mine: Claimed) -> list[Event]:
    events = await store.read(lambda c: journey(c, mine.message.case))
    return [event for event in events if event.at >= LATER]


async def names(store: Store, mine: Claimed) -> list[str]:
    return [event.name for event in await told(store, mine)]


async def test_what_is_provided_makes_what_waited_for_it_due(store: Store, mine: Claimed) -> None:
    [freed] = await provide(store, mine)

    assert freed.case == mine.message.case
    row = await row_of(store, mine)
    assert (row.state, row.concluded_at) == (State.PROVIDED, LATER)
    assert row.content_until == LATER + RETENTION
    [event] = await told(store, mine)
    assert (event.name, event.at) == ("provided", LATER)
    assert event.detail == {"http": 201, "reference": "4711"}


async def test_what_is_provided_twice_counts_once(store: Store, mine: Claimed) -> None:
    await provide(store, mine)
    before = await row_of(store, mine)

    assert await provide(store, mine) == []

    assert await row_of(store, mine) == before
    assert await names(store, mine) == ["provided", "late"]


async def test_a_provider_that_takes_a_letter_is_open_again_and_says_what_it_left_undone(
    store: Store, mine: Claimed
) -> None:
    await park(store)
    shortfall = Shortfall(event="status_failed", cause="mailbox.status")
    await provide(store, mine, Provided(at=LATER, shortfall=shortfall))

    assert await store.read(parkings) == []
    assert await names(store, mine) == ["provided", "status_failed", "resumed"]
    assert [event.at == LATER for event in await told(store, mine)] == [True, False, False]


async def test_a_provider_that_refuses_a_letter_is_open_again(store: Store, mine: Claimed) -> None:
    await park(store)
    await fail(store, mine, DEAD, refused=True)

    assert await store.read(parkings) == []
    assert await names(store, mine) == ["resumed", "dead"]


async def test_what_failed_for_now_is_due_again_after_one_attempt_more(
    store: Store, mine: Claimed
) -> None:
    at = LATER + timedelta(minutes=5)
    await fail(store, mine, Again(at, "mailbox.busy", in_doubt=True))

    row = await row_of(store, mine)
    assert (row.due_at, row.cause, row.attempts, row.in_doubt) == (at, "mailbox.busy", 1, True)
    assert await names(store, mine) == ["postponed"]


async def test_what_the_provider_never_takes_is_a_dead_letter(store: Store, mine: Claimed) -> None:
    await fail(store, mine, DEAD)

    [letter] = await store.read(dead_letters)
    assert (letter.message, letter.cause) == (mine.message.id, "mailbox.refused")
    assert (await row_of(store, mine)).state is State.DEAD


async def test_a_provider_that_is_away_is_parked_and_no_attempt_is_burnt(
    store: Store, mine: Claimed
) -> None:
    await fail(store, mine, replace(DOWN, wait=LEASE))

    assert [each.authority for each in await store.read(parkings)] == ["local"]
    row = await row_of(store, mine)
    assert (row.attempts, row.due_at) == (0, LATER + LEASE)
    [event] = await told(store, mine)
    assert (event.name, event.detail) == ("parked", {"cause": "mailbox.down", "provider": "local"})


async def test_of_several_that_meet_one_outage_only_the_first_tells_of_it(
    store: Store, mine: Claimed
) -> None:
    await park(store)
    await fail(store, mine, DOWN)

    assert await names(store, mine) == []
    assert (await row_of(store, mine)).cause == "mailbox.down"


@pytest.mark.parametrize("probe", [True, False])
async def test_a_probe_that_found_nothing_out_is_given_back(
    store: Store, mine: Claimed, *, probe: bool
) -> None:
    await park(store)
    [before] = await store.read(parkings)
    await fail(store, mine, Again(LATER + RETENTION, "unexpected"), probe=probe)

    [after] = await store.read(parkings)
    assert after.next_probe == (LATER if probe else before.next_probe)


@pytest.mark.parametrize("decision", [Again(LATER, "mailbox.busy"), DOWN, DEAD])
async def test_what_another_hub_has_taken_over_is_left_to_it(
    store: Store, mine: Claimed, decision: Decision
) -> None:
    before = await row_of(store, mine)

    await fail(store, replace(mine, lease="an older one"), decision)

    assert await row_of(store, mine) == before
    assert await store.read(dead_letters) == []
    assert await store.read(parkings) == []
    assert await names(store, mine) == ["late"]


async def test_what_is_withheld_lets_the_next_one_pass(store: Store, mine: Claimed) -> None:
    await store.run(lambda c: withhold(c, mine.message, LATER))

    assert (await row_of(store, mine)).state is State.WITHHELD
    assert await names(store, mine) == ["withheld"]
    [next_one] = await store.run(lambda c: due(c, LATER, 10, timedelta(0)))
    assert next_one.message != mine.message.id


async def test_what_goes_to_no_mailbox_has_no_place(store: Store) -> None:
    case = a_case()
    row = a_message(case)
    await store.run(lambda c: put(c, case, row))
    found = await store.read(lambda c: message_by_id(c, row.id))
    assert found is not None
    with pytest.raises(LookupError):
        place_of(found)
