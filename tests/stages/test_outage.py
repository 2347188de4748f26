"""Who is parked, who probes, and whose fault a failure is; the store's part on both databases."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.model.identifiers import MessageUuid
from hub.stages.decision import Park
from hub.stages.outage import (
    Admission,
    Failures,
    admit,
    answered,
    give_back_probe,
    met_outage,
)
from hub.store import Parking, Store, parkings
from tests.store.building import NOW

SECOND = timedelta(seconds=1)
PATIENCE = timedelta(minutes=3)
DOWN = Park("endpoint.busy")
NOBODY = Park("endpoint.unreachable", shared=True)
MATES = ("990002", "990003")


async def parked(store: Store) -> dict[str, Parking]:
    return {each.authority: each for each in await store.read(parkings)}


async def ask(store: Store, place: str, after: timedelta = timedelta(0)) -> Admission:
    return await store.run(lambda c: admit(c, place, NOW + after, PATIENCE))


async def fail(
    store: Store, why: Park = DOWN, after: timedelta = timedelta(0), *, probe: bool = False
) -> bool:
    _, new = await store.run(
        lambda c: met_outage(c, "990001", why, NOW + after, probe=probe, together_with=MATES)
    )
    return new


async def test_an_open_place_takes_whatever_comes(store: Store) -> None:
    assert await ask(store, "990001") == Admission()


async def test_a_parked_place_takes_one_message_when_its_time_has_come(store: Store) -> None:
    assert await fail(store)
    assert await ask(store, "990001", SECOND) == Admission(until=NOW + SECOND)

    asked = [await ask(store, "990001", 2 * SECOND) for _ in range(5)]

    assert [each.probe for each in asked] == [True, False, False, False, False]
    # Its process may have died: then another one is let through.
    assert not (await ask(store, "990001", PATIENCE)).probe
    assert (await ask(store, "990001", PATIENCE + 2 * SECOND)).probe


async def test_of_several_in_flight_only_the_first_counts(store: Store) -> None:
    assert await fail(store)
    assert not await fail(store, after=SECOND)
    assert (await parked(store))["990001"].failures == 1


async def test_a_failed_probe_puts_the_next_one_off_for_longer(store: Store) -> None:
    await fail(store)
    await ask(store, "990001", 2 * SECOND)
    assert await fail(store, after=3 * SECOND, probe=True)
    found = (await parked(store))["990001"]
    assert (found.failures, found.next_probe) == (2, NOW + 7 * SECOND)


async def test_a_system_that_names_a_time_is_left_alone_until_then(store: Store) -> None:
    await fail(store, Park("endpoint.busy", wait=timedelta(hours=1)))
    assert (await parked(store))["990001"].next_probe == NOW + timedelta(hours=1)


async def test_a_probe_that_came_to_nothing_is_given_back(store: Store) -> None:
    await fail(store)
    assert (await ask(store, "990001", 2 * SECOND)).probe
    await store.run(lambda c: give_back_probe(c, "990001", NOW + 3 * SECOND))
    assert (await ask(store, "990001", 3 * SECOND)).probe


async def test_who_shares_an_address_that_is_dead_is_parked_and_probed_with_it(
    store: Store,
) -> None:
    await fail(store, NOBODY)
    assert set(await parked(store)) == {"990001", *MATES}

    asked = [await ask(store, each, 2 * SECOND) for each in ("990002", "990001", "990003")]

    assert [each.probe for each in asked] == [True, False, False]
    for_all = {each.next_probe for each in (await parked(store)).values()}
    assert for_all == {NOW + 2 * SECOND + PATIENCE}


async def test_a_dead_address_is_left_alone_for_longer_by_all(store: Store) -> None:
    await fail(store, NOBODY)
    await ask(store, "990001", 2 * SECOND)
    await fail(store, NOBODY, 3 * SECOND, probe=True)
    found = await parked(store)
    assert {each.failures for each in found.values()} == {2}
    assert {each.next_probe for each in found.values()} == {NOW + 7 * SECOND}


@pytest.mark.parametrize("how", ["takes it", "fails by itself"])
async def test_an_address_that_answers_one_is_open_to_the_others(store: Store, how: str) -> None:
    await fail(store, NOBODY)
    await ask(store, "990001", 2 * SECOND)
    if how == "takes it":
        assert await store.run(lambda c: answered(c, "990001"))
        assert await parked(store) == {}
    else:
        await fail(store, DOWN, 3 * SECOND, probe=True)
        found = await parked(store)
        assert [(each.authority, each.failures) for each in found.values()] == [("990001", 2)]


async def test_what_is_down_by_itself_parks_nobody_else(store: Store) -> None:
    await fail(store, DOWN)
    assert set(await parked(store)) == {"990001"}


def a_message() -> MessageUuid:
    return MessageUuid(uuid4())


def test_three_messages_that_fail_in_a_row_are_an_outage() -> None:
    failures = Failures()
    found = [failures.one_more("990001", a_message(), is_last_attempt=False) for _ in range(4)]
    assert found == [False, False, True, True]
    assert not failures.one_more("990002", a_message(), is_last_attempt=False)
    failures.none_any_more("990001")
    assert not failures.one_more("990001", a_message(), is_last_attempt=False)


def test_one_message_that_fails_again_and_again_is_no_outage_where_others_pass() -> None:
    failures, bad = Failures(), a_message()
    for _ in range(11):
        assert not failures.one_more("990001", bad, is_last_attempt=False)
        failures.none_any_more("990001")
    assert not failures.one_more("990001", bad, is_last_attempt=True)


def test_nobodys_last_attempt_is_lost_on_a_system_that_takes_nothing() -> None:
    failures, lone = Failures(), a_message()
    failures.none_any_more("990001")
    for _ in range(11):
        assert not failures.one_more("990001", lone, is_last_attempt=False)
    assert failures.one_more("990001", lone, is_last_attempt=True)
    # Nor on one of which this process knows nothing yet.
    assert Failures().one_more("990001", lone, is_last_attempt=True)
