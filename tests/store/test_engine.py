import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event as ThreadEvent

import pytest
from sqlalchemy import text, update

from hub.store import (
    Case,
    Committed,
    Connection,
    Event,
    Sealer,
    Store,
    StoreAway,
    case_by_id,
    insert_case,
    journey,
    lock_case,
    open_store,
    record,
    set_case_state,
    tables,
)
from hub.store import connect as connect_module
from tests.postgresql import PostgresqlServer
from tests.store.building import NOW, a_case
from tests.store.conftest import Opener


async def kept(store: Store, cases: list[Case]) -> list[bool]:
    return [await store.read(lambda c, one=one: case_by_id(c, one.id)) == one for one in cases]


def held_until(gate: ThreadEvent) -> Callable[[Connection], None]:
    """A unit that keeps its writer busy, so that those after it form one group."""

    def unit(_connection: Connection) -> None:
        gate.wait(10)

    return unit


def nothing(_connection: Connection) -> None:
    pass


async def test_a_unit_that_raises_is_undone_alone(store: Store) -> None:
    cases = [a_case() for _ in range(9)]

    def unit(number: int) -> Callable[[Connection], int]:
        def insert_or_raise(connection: Connection) -> int:
            insert_case(connection, cases[number])
            if number % 3 == 0:
                raise LookupError(number)
            return number

        return insert_or_raise

    results = await asyncio.gather(
        *(store.run(unit(number)) for number in range(9)), return_exceptions=True
    )

    assert [type(result) for result in results] == [LookupError, int, int] * 3
    assert await kept(store, cases) == [False, True, True] * 3


async def test_a_unit_that_breaks_a_constraint_is_undone_alone(store: Store) -> None:
    one, broken, other = a_case(), a_case(service=None), a_case()

    results = await asyncio.gather(
        *(store.run(lambda c, case=case: insert_case(c, case)) for case in (one, broken, other)),
        return_exceptions=True,
    )

    assert [result is True for result in results] == [True, False, True]
    assert await kept(store, [one, broken, other]) == [True, False, True]


@pytest.mark.parametrize("beside", [0, 3])
async def test_what_a_unit_that_raises_did_is_undone_and_what_others_did_is_done_once(
    store: Store, beside: int
) -> None:
    gate, committed = ThreadEvent(), list[Committed]()
    store.watchers.append(committed.append)
    cases = [a_case() for _ in range(beside + 1)]

    def begin(connection: Connection, case: Case) -> None:
        insert_case(connection, case)
        record(connection, Event(case.id, None, NOW, "received", "intake"))
        if case is cases[0]:
            raise ValueError("no")

    busy = [store.run(held_until(gate)) for _ in range(4)]
    at_work = [store.run(lambda c, case=case: begin(c, case)) for case in cases]
    waiting = asyncio.gather(*busy, *at_work, return_exceptions=True)
    await asyncio.sleep(0)  # all are handed in
    gate.set()
    _, raised, *fine = (await waiting)[3:]

    assert isinstance(raised, ValueError)
    assert fine == [None] * beside
    journeys = [await store.read(lambda c, one=one: journey(c, one.id)) for one in cases]
    assert [len(each) for each in journeys] == [0] + [1] * beside
    assert [event.case for each in committed for event in each.events] == [
        case.id for case in cases[1:]
    ]


async def test_reading_cannot_write(store: Store) -> None:
    case = a_case()
    with pytest.raises(StoreAway):
        await store.read(lambda c: insert_case(c, case))
    assert await kept(store, [case]) == [False]


async def test_a_cancelled_caller_harms_nobody(store: Store) -> None:
    gate = ThreadEvent()
    cases = [a_case() for _ in range(3)]
    busy = [asyncio.create_task(store.run(held_until(gate))) for _ in range(4)]
    inserts = [
        asyncio.create_task(store.run(lambda c, case=case: insert_case(c, case))) for case in cases
    ]
    await asyncio.sleep(0)  # every task has handed in its unit
    inserts[1].cancel()
    gate.set()

    results = await asyncio.gather(*busy, *inserts, return_exceptions=True)

    assert [isinstance(result, asyncio.CancelledError) for result in results[4:]] == [
        False,
        True,
        False,
    ]
    await store.run(nothing)
    assert await kept(store, [cases[0], cases[2]]) == [True, True]


async def test_closing_commits_what_waits(opener: Opener) -> None:
    gate = ThreadEvent()
    cases = [a_case() for _ in range(300)]
    async with opener() as store:
        busy = [asyncio.create_task(store.run(held_until(gate))) for _ in range(4)]
        inserts = [
            asyncio.create_task(store.run(lambda c, case=case: insert_case(c, case)))
            for case in cases
        ]
        await asyncio.sleep(0)  # every task has handed in its unit
        asyncio.get_running_loop().call_soon(gate.set)
    await asyncio.gather(*busy, *inserts)

    with pytest.raises(StoreAway):
        await store.run(nothing)
    async with opener() as store:
        assert all(await kept(store, cases))


async def test_a_lost_commit_is_told_to_every_caller_and_the_store_comes_back(
    postgresql: PostgresqlServer, tmp_path: Path, sealer: Sealer
) -> None:
    cases = [a_case() for _ in range(5)]

    def cut(connection: Connection) -> None:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        postgresql.execute(f"SELECT pg_terminate_backend({pid})")

    async with open_store(postgresql.new_database(), tmp_path, sealer) as store:
        gate = ThreadEvent()
        busy = [asyncio.create_task(store.run(held_until(gate))) for _ in range(4)]
        await asyncio.sleep(0)
        first = [
            asyncio.create_task(store.run(lambda c, case=case: insert_case(c, case)))
            for case in cases[:-1]
        ]
        lost = asyncio.create_task(store.run(cut))
        last = asyncio.create_task(store.run(lambda c: insert_case(c, cases[-1])))
        await asyncio.sleep(0)
        gate.set()
        results = await asyncio.gather(*first, lost, last, return_exceptions=True)
        await asyncio.gather(*busy, return_exceptions=True)

        told = [result is None for result in results]
        assert isinstance(results[4], StoreAway)
        assert await kept(store, cases) == [*told[:4], told[5]], "who was told, is kept"
        new = a_case()
        await store.run(lambda c: insert_case(c, new))
        assert await kept(store, [new]) == [True]


async def test_a_full_disk_is_told_to_every_caller_and_the_store_comes_back(
    tmp_path: Path, sealer: Sealer
) -> None:
    small, large = a_case(), a_case(profile=bytes(10_000_000))

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")

    gate = ThreadEvent()
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path, sealer) as store:
        await store.run(limit)
        busy = asyncio.create_task(store.run(held_until(gate)))
        await asyncio.sleep(0)
        both = [
            asyncio.create_task(store.run(lambda c, case=case: insert_case(c, case)))
            for case in (small, large)
        ]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(busy, return_exceptions=True)
        results = await asyncio.gather(*both, return_exceptions=True)

        assert isinstance(results[1], StoreAway)
        assert results[1].cause == "store.away"
        assert await kept(store, [small, large]) == [results[0] is None, False]
        await store.run(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1000000") and None)
        await store.run(lambda c: insert_case(c, large))
        assert await kept(store, [large]) == [True]


async def test_units_that_hold_each_others_locks_all_succeed(store: Store) -> None:
    cases = [a_case() for _ in range(2)]
    for case in cases:
        await store.run(lambda c, case=case: insert_case(c, case))

    def touch(order: int) -> Callable[[Connection], None]:
        def unit(connection: Connection) -> None:
            for case in (cases[order], cases[1 - order]):
                connection.execute(
                    update(tables.cases)
                    .where(tables.cases.c.id == case.id)
                    .values(service=tables.cases.c.service)
                )
                connection.execute(text("SELECT count(*) FROM cases")).all()

        return unit

    await asyncio.gather(*(store.run(touch(n % 2)) for n in range(60)))


async def test_two_processes_share_a_store(opener: Opener) -> None:
    async with opener() as hub, opener() as beside:
        cases = [a_case() for _ in range(40)]
        await asyncio.gather(
            *(
                (hub, beside)[n % 2].run(lambda c, case=case: insert_case(c, case))
                for n, case in enumerate(cases)
            )
        )
        assert all(await kept(hub, cases))
        assert all(await kept(beside, cases))


async def test_a_process_that_stands_still_in_a_unit_holds_up_nobody(
    postgresql: PostgresqlServer, tmp_path: Path, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect_module, "_PATIENCE", timedelta(seconds=1))
    url, gate, case, inside = postgresql.new_database(), ThreadEvent(), a_case(), ThreadEvent()

    def stand_still(connection: Connection) -> None:
        lock_case(connection, case.id)
        inside.set()
        gate.wait()

    async with (
        open_store(url, tmp_path, sealer) as hub,
        open_store(url, tmp_path, sealer) as other,
    ):
        await hub.run(lambda c: insert_case(c, case))
        stopped = asyncio.create_task(hub.run(stand_still))
        await asyncio.to_thread(inside.wait)
        await other.run(lambda c: set_case_state(c, case.id, "ended"))
        gate.set()
        with pytest.raises(StoreAway):
            await stopped


async def test_an_error_names_no_values(store: Store) -> None:
    case = a_case(application_id="Müller-1987", service=None)
    with pytest.raises(Exception, match="cases") as raised:
        await store.run(lambda c: insert_case(c, case))
    assert "Müller" not in str(raised.value).split("DETAIL")[0]


@pytest.mark.parametrize("wrong", ["sqlite://", "sqlite:///:memory:", "mysql://h/db"])
async def test_another_kind_of_database_is_refused(
    wrong: str, tmp_path: Path, sealer: Sealer
) -> None:
    with pytest.raises(ValueError, match="sqlite:///path"):
        async with open_store(wrong, tmp_path / "documents", sealer):
            pass
