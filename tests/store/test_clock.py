"""Hubs on machines whose clocks differ by minutes go by one time: the database's."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.store import Clock, Store

ALMOST = timedelta(seconds=30)


@pytest.mark.parametrize("wrong_by", [timedelta(minutes=10), timedelta(minutes=-10)])
async def test_a_clock_that_is_wrong_is_corrected_where_several_hubs_may_be(
    store: Store, url: str, wrong_by: timedelta
) -> None:
    clock = Clock(lambda: datetime.now(UTC) + wrong_by)
    await clock.set_by(store)

    expected = timedelta(0) if url.startswith("postgresql") else wrong_by
    assert abs(clock.now() - datetime.now(UTC) - expected) < ALMOST


async def test_a_clock_that_is_right_stays_as_it_is(store: Store) -> None:
    clock = Clock(lambda: datetime.now(UTC))
    await clock.set_by(store)
    assert abs(clock.now() - datetime.now(UTC)) < ALMOST
