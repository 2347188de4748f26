"""Statements given to the driver as text behave as if SQLAlchemy had carried them out."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from hub.store import Connection, Store
from hub.store.prepared import Prepared
from hub.store.tables import parkings
from tests.store.building import NOW

_PARK = Prepared(insert(parkings).values({each: bindparam(each.name) for each in parkings.c}))
_FIND = Prepared(select(parkings).where(parkings.c.authority == bindparam("who")))


def park(connection: Connection, authority: str) -> int:
    return _PARK.count(
        connection,
        {
            "authority": authority,
            "since": NOW,
            "next_probe": NOW + timedelta(microseconds=1),
            "failures": 1,
            "cause": "test",
        },
    )


async def test_values_go_in_and_come_out_as_the_columns_say(store: Store) -> None:
    assert await store.run(lambda c: park(c, "990001")) == 1
    row = await store.read(lambda c: _FIND.row(c, {"who": "990001"}))
    assert row is not None
    assert {"990001", NOW, NOW + timedelta(microseconds=1), 1, "test"} == set(row)
    assert await store.read(lambda c: _FIND.row(c, {"who": "990002"})) is None


async def test_what_the_database_refuses_fails_as_ever_and_alone(store: Store) -> None:
    await store.run(lambda c: park(c, "990001"))
    with pytest.raises(IntegrityError):
        await store.run(lambda c: park(c, "990001"))
    assert await store.run(lambda c: park(c, "990002")) == 1


async def test_a_value_that_is_missing_is_a_fault_of_the_caller(store: Store) -> None:
    with pytest.raises(KeyError, match="who"):
        await store.read(lambda c: _FIND.row(c, {}))
