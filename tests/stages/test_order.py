"""One case at a time, in order of arrival; all others side by side."""

import asyncio

import pytest

from hub.model.failure import PermanentFailure, TransientFailure
from hub.stages.order import InOrder, known_by


async def test_a_slow_message_is_not_overtaken_by_the_next_of_its_case() -> None:
    order, read, done = InOrder(), asyncio.Event(), list[str]()

    async def handle(name: str, *, slow: bool) -> None:
        async with order.turn() as turn:
            if slow:
                await read.wait()
            await turn.take("case")
            done.append(name)

    first = asyncio.create_task(handle("first", slow=True))
    await asyncio.sleep(0)
    second = asyncio.create_task(handle("second", slow=False))
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == []
    read.set()
    await asyncio.gather(first, second)
    assert done == ["first", "second"]


async def test_another_case_goes_on_while_one_is_at_work() -> None:
    order, release, done = InOrder(), asyncio.Event(), asyncio.Event()

    async def at_work() -> None:
        async with order.turn() as turn:
            await turn.take("one")
            await release.wait()

    async def other() -> None:
        async with order.turn() as turn:
            await turn.take("two")
            done.set()

    busy = asyncio.create_task(at_work())
    await asyncio.sleep(0)
    free = asyncio.create_task(other())
    async with asyncio.timeout(5):
        await done.wait()
    release.set()
    await asyncio.gather(busy, free)


async def test_a_message_that_fails_frees_its_turn() -> None:
    order = InOrder()

    async def fail() -> None:
        async with order.turn():
            raise ValueError

    results = await asyncio.gather(fail(), return_exceptions=True)
    assert isinstance(results[0], ValueError)
    async with asyncio.timeout(5), order.turn() as turn:
        await turn.take("case")


async def test_those_behind_a_message_that_comes_again_come_again_too() -> None:
    order, failing = InOrder(), asyncio.Event()

    async def fail() -> None:
        async with order.turn() as turn:
            await turn.take("case")
            await failing.wait()
            raise TransientFailure("store.away", "Later.")

    async def take(key: str) -> str:
        async with order.turn() as turn:
            await turn.take(key)
            return key

    first = asyncio.create_task(fail())
    await asyncio.sleep(0)
    behind, beside = (asyncio.create_task(take(key)) for key in ("case", "another"))
    await asyncio.sleep(0)
    failing.set()
    results = await asyncio.gather(first, behind, beside, return_exceptions=True)
    assert [type(each).__name__ for each in results] == ["TransientFailure", "OutOfTurn", "str"]
    assert await take("case") == "case"


async def test_those_behind_a_dead_letter_go_on() -> None:
    order = InOrder()

    async def die() -> None:
        async with order.turn() as turn:
            await turn.take("case")
            raise PermanentFailure("kind.unknown", "No.")

    async def take() -> str:
        async with order.turn() as turn:
            await turn.take("case")
            return "taken"

    results = await asyncio.gather(die(), take(), return_exceptions=True)
    assert results[1] == "taken"


async def test_one_that_failed_before_it_named_its_case_holds_back_its_place_only() -> None:
    order, failing = InOrder(), asyncio.Event()

    async def fail() -> None:
        async with order.turn("here"):
            await failing.wait()
            raise TransientFailure("adapter.too_slow", "Later.")

    async def take(place: str) -> str:
        async with order.turn(place) as turn:
            await turn.take("case")
            return place

    first = asyncio.create_task(fail())
    await asyncio.sleep(0)
    here, there = (asyncio.create_task(take(place)) for place in ("here", "there"))
    assert await there == "there"  # it does not even wait
    failing.set()
    results = await asyncio.gather(first, here, return_exceptions=True)
    assert [type(each).__name__ for each in results] == ["TransientFailure", "OutOfTurn"]


async def test_what_comes_again_a_second_time_is_not_overtaken_by_what_came_again_once() -> None:
    # A quorum queue gives what was returned twice out behind what was returned once.
    order, done, fails = InOrder(), list[str](), True

    async def handle(name: str, attempts: int = 1) -> None:
        async with order.turn("office", name, attempts) as turn:
            await turn.take("case")
            if name == "first" and fails:
                raise TransientFailure("store.away", "It is away.")
            done.append(name)

    async def both(*names: str) -> None:
        await asyncio.gather(*(handle(name) for name in names), return_exceptions=True)

    await both("first", "second", "third")
    await both("first", "second")
    await both("third")
    assert done == []
    fails = False
    await both("third")
    await both("first", "second", "third")
    assert done == ["first", "second", "third"]


async def test_who_came_many_times_waits_for_nobody() -> None:
    order, done = InOrder(), list[str]()

    async def handle(name: str, attempts: int) -> None:
        async with order.turn("office", name, attempts) as turn:
            await turn.take("case")
            if name == "lost":
                raise TransientFailure("store.away", "It is away.")
            done.append(name)

    await asyncio.gather(handle("lost", 1), return_exceptions=True)
    await asyncio.gather(handle("later", 10), return_exceptions=True)
    assert done == []
    await handle("later", 11)
    assert done == ["later"]


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_a_message_is_known_again_and_another_is_not(size: int) -> None:
    body = bytes(size)
    assert known_by(body) == known_by(bytes(size))
    others = [b"x" + body[1:], body[:-1] + b"x", body + b"\0", body[1:]]
    assert len({known_by(each) for each in [body, *others]}) == 5
