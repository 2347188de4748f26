"""What failed in doubt says so when it is repeated, and may be cut off as often as another."""

import pytest

from hub.model.failure import TransientFailure
from hub.stages.decision import CUT_OFF_FREE, CUT_OFF_TRIES
from hub.store import Store, dead_letters
from tests.stages.test_cut_off import OWED, SECOND, Hub


@pytest.fixture(params=OWED)
async def hub(store: Store, request: pytest.FixtureRequest) -> Hub:
    """One that was given no answer after it had sent its message, and dies then."""
    hub = Hub(await OWED[request.param](store), request.param, "restart")
    await hub.tries(TransientFailure("place.no_answer", "No answer came.", in_doubt=True))
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
