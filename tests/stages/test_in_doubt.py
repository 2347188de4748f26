"""What failed in doubt says so whenever it is repeated, and may be cut off as often as another."""

from uuid import uuid4

import pytest

from hub.model.failure import PermanentFailure, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.stages.decision import CUT_OFF_FREE, CUT_OFF_TRIES
from hub.store import State, Store, correct, dead_letters, replay
from tests.stages.test_cut_off import OWED, SECOND, Hub

NO_ANSWER = TransientFailure("place.no_answer", "No answer came.", in_doubt=True)
NOT_NOW = TransientFailure("place.busy", "Not now.")
IMPOSSIBLE = PermanentFailure("place.impossible", "It cannot be sent.")


@pytest.fixture(params=OWED)
async def hub(store: Store, request: pytest.FixtureRequest) -> Hub:
    """One that was given no answer after it had sent its message, and dies then."""
    hub = Hub(await OWED[request.param](store), request.param, "restart")
    await hub.tries(NO_ANSWER)
    return hub


async def test_it_is_cut_off_as_often_as_another_before_it_waits(hub: Hub) -> None:
    for _ in range(CUT_OFF_FREE + 1):
        await hub.dies()

    assert 5 * SECOND <= await hub.waits() <= 10 * SECOND
    assert hub.sent == 1 + CUT_OFF_FREE + 1
    [_, put_off] = await hub.told("postponed")
    assert put_off.detail["times"] == CUT_OFF_FREE + 1


async def test_each_repeat_says_that_it_is_one(hub: Hub) -> None:
    for _ in range(CUT_OFF_FREE):
        await hub.dies()
    await hub.tries()

    assert len(await hub.told("in_doubt")) == CUT_OFF_FREE + 1 == hub.sent - 1


async def test_it_is_given_up_after_as_many_ends_as_another(hub: Hub) -> None:
    for number in range(1, CUT_OFF_TRIES + 1):
        await hub.dies()
        if CUT_OFF_FREE < number < CUT_OFF_TRIES:
            await hub.waits()
    await hub.tries()

    assert hub.sent == 1 + CUT_OFF_TRIES
    [letter] = await hub.store.read(dead_letters)
    assert letter.cause == "hub.cut_off"
    assert f"ended {CUT_OFF_TRIES} times in a row" in letter.sentence


async def test_what_fails_without_doubt_after_it_takes_no_doubt_away(hub: Hub) -> None:
    await hub.tries(NOT_NOW)
    assert (await hub.row()).in_doubt
    await hub.tries()

    assert len(await hub.told("in_doubt")) == 2 == hub.sent - 1
    assert not (await hub.row()).in_doubt


async def test_it_is_in_doubt_when_it_is_replayed(hub: Hub) -> None:
    await hub.tries(IMPOSSIBLE)
    row = await hub.row()
    assert (row.state, row.in_doubt) == (State.DEAD, True)
    await hub.store.run(lambda c: replay(c, row.id, hub.now))
    await hub.tries()

    assert len(await hub.told("in_doubt")) == 2


async def test_what_died_without_doubt_is_in_none_when_it_is_replayed(store: Store) -> None:
    hub = Hub(await OWED["reply"](store), "reply", "restart")
    await hub.tries(IMPOSSIBLE)
    await store.run(lambda c: replay(c, hub.message, hub.now))
    await hub.tries()

    assert await hub.told("in_doubt") == []


async def test_a_corrected_message_is_another_and_in_no_doubt(store: Store) -> None:
    hub = Hub(await OWED["reply"](store), "reply", "restart")
    await hub.tries(NO_ANSWER)
    await hub.tries(IMPOSSIBLE)
    row = await hub.row()
    assert await store.run(lambda c: correct(c, row.id, row.content or b"", MessageUuid(uuid4())))
    await store.run(lambda c: replay(c, row.id, hub.now))
    await hub.tries()

    assert len(await hub.told("in_doubt")) == 1
