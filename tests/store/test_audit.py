# ruff: noqa: S608 - whoever changes a row by hand writes such statements
import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.store import Act, Connection, Store, acts, audit, verify_acts
from tests.store.building import NOW
from tests.store.conftest import Opener


def an_act(number: int) -> Act:
    at = NOW + timedelta(seconds=number)
    return Act(at, "cli:ola", "dead.discard", f"letter {number}", {"reason": "zweimal", "of": 2})


async def given_acts(store: Store, count: int) -> list[Act]:
    written = [an_act(number) for number in range(1, count + 1)]
    for act in written:
        await store.run(lambda c, act=act: audit(c, act))
    return written


async def do(store: Store, statement: str) -> None:
    await store.run(lambda c: c.execute(text(statement)) and None)


async def test_acts_are_read_in_their_order(store: Store) -> None:
    written = await given_acts(store, 3)

    read = await store.read(acts)

    assert [one.act for one in read] == written
    assert [one.number for one in read] == [1, 2, 3]
    assert [one.number for one in await store.read(lambda c: acts(c, after=1, limit=1))] == [2]
    assert await store.read(verify_acts) is None


async def test_without_acts_nothing_is_wrong(store: Store) -> None:
    assert await store.read(verify_acts) is None


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'cli:ole'",
        "action = 'dead.replay'",
        "subject = 'letter 4'",
        "at = at + 1",
        """detail = '{"of": 3, "reason": "zweimal"}'""",
        """detail = '{ "of": 2, "reason": "zweimal"}'""",
        "detail = 'no JSON'",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
    ],
)
async def test_a_changed_act_is_named(store: Store, change: str) -> None:
    await given_acts(store, 4)
    await do(store, f"UPDATE acts SET {change} WHERE number = 3")

    assert await store.read(verify_acts) == 3


@pytest.mark.parametrize("removed", [1, 3])
async def test_a_removed_act_is_named(store: Store, removed: int) -> None:
    await given_acts(store, 4)
    await do(store, f"DELETE FROM acts WHERE number = {removed}")

    assert await store.read(verify_acts) == removed


async def test_acts_that_closed_up_after_one_was_removed_are_named(store: Store) -> None:
    await given_acts(store, 4)
    await do(store, "DELETE FROM acts WHERE number = 2")
    await do(store, "UPDATE acts SET number = 2 WHERE number = 3")
    await do(store, "UPDATE acts SET number = 3 WHERE number = 4")

    assert await store.read(verify_acts) == 2


@pytest.mark.parametrize("inserted", [0, 2, 5])
async def test_an_inserted_act_is_named(store: Store, inserted: int) -> None:
    await given_acts(store, 4)
    for number in range(4, inserted - 1, -1) if inserted else ():
        await do(store, f"UPDATE acts SET number = {number + 1} WHERE number = {number}")
    await do(
        store,
        "INSERT INTO acts (number, at, actor, action, subject, detail, hash)"
        f" SELECT {inserted}, at, 'cli:ole', action, subject, detail, hash FROM acts"
        " WHERE number = 1",
    )

    assert await store.read(verify_acts) == inserted


async def test_several_writers_make_one_chain(store: Store, opener: Opener) -> None:
    async with opener() as other:
        await asyncio.gather(
            *(
                each.run(lambda c, number=number: audit(c, an_act(number)))
                for number in range(60)
                for each in (store, other)
            )
        )

    assert [one.number for one in await store.read(acts)] == list(range(1, 121))
    assert await store.read(verify_acts) is None


async def test_an_act_of_a_unit_that_failed_never_happened(store: Store) -> None:
    def failing(connection: Connection) -> None:
        audit(connection, an_act(1))
        raise LookupError("no such letter")

    with pytest.raises(LookupError):
        await store.run(failing)
    await given_acts(store, 1)

    assert [one.number for one in await store.read(acts)] == [1]
    assert await store.read(verify_acts) is None


async def test_a_chain_longer_than_one_look_is_verified_to_its_end(store: Store) -> None:
    def many(connection: Connection) -> None:
        for number in range(1, 2101):
            audit(connection, an_act(number))

    await store.run(many)
    assert await store.read(verify_acts) is None
    await do(store, "UPDATE acts SET subject = '' WHERE number = 2100")

    assert await store.read(verify_acts) == 2100
