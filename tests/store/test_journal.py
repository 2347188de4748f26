from datetime import datetime, timedelta

import pytest

from hub.store import Event, Store, journey, record
from tests.store.building import NOW, a_case, a_message


async def test_a_journey_is_told_in_order_with_all_that_was_recorded(store: Store) -> None:
    case, other = a_case(), a_case()
    message = a_message(case)
    first = Event(case.id, message.id, NOW, "received", "intake", authority="990001")
    second = Event(
        case.id,
        message.id,
        NOW,
        "attempt",
        "deliver",
        authority="990001",
        attempt=2,
        duration=timedelta(milliseconds=12, microseconds=5),
        detail={"bytes": 1200, "transport": "http"},
    )
    earlier = Event(case.id, None, NOW - timedelta(seconds=1), "routed", "intake")
    await store.run(lambda c: record(c, first, second))
    await store.run(lambda c: record(c, earlier, Event(other.id, None, NOW, "x", "intake")))
    await store.run(record)

    assert await store.read(lambda c: journey(c, case.id)) == [earlier, first, second]


async def test_a_time_without_zone_is_refused(store: Store) -> None:
    naive = Event(None, None, datetime(2026, 11, 2), "received", "intake")  # noqa: DTZ001 - the point
    with pytest.raises(Exception, match="offset-naive"):
        await store.run(lambda c: record(c, naive))
