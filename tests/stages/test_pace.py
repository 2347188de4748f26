"""Replays go as fast as the hub begins with them, and never many at once before it does."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hub.model.identifiers import MessageUuid
from hub.stages.pace import _AHEAD, Pace
from hub.store import (
    Connection,
    Pause,
    SentAgain,
    Store,
    bury,
    claim,
    insert_case,
    insert_message,
    not_begun,
    park,
    pause,
    reopen,
    replay_passed,
    replays_under_way,
    set_replayed,
)
from tests.store.building import LEASE, NOW, a_case, a_dead_letter, a_message


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


async def published_again(store: Store, count: int = 1) -> list[UUID]:
    letters = [a_dead_letter(origin={"exchange": "hub.submissions"}) for _ in range(count)]

    def unit(connection: Connection) -> None:
        for letter in letters:
            bury(connection, letter)
            set_replayed(connection, letter, NOW)

    await store.run(unit)
    return [letter.id for letter in letters]


async def owed_again(store: Store) -> tuple[UUID, MessageUuid]:
    """A letter whose message has a row, and is owed."""
    case = a_case()
    row = a_message(case)
    letter = a_dead_letter(message=row.id, case=case.id, authority=case.authority)

    def unit(connection: Connection) -> None:
        insert_case(connection, case)
        insert_message(connection, row)
        bury(connection, letter)
        set_replayed(connection, letter, NOW)

    await store.run(unit)
    return letter.id, row.id


async def waits(pace: Pace, stop: asyncio.Event) -> "asyncio.Task[None]":
    """A task that has looked at least once and found no room."""
    task = asyncio.create_task(pace.room(stop))
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    return task


@pytest.fixture
async def full(store: Store) -> tuple[Pace, list[UUID], Clock]:
    letters, clock = await published_again(store, _AHEAD), Clock()
    pace = Pace(store, clock)
    for letter in letters:
        pace.sent(letter, None)
    return pace, letters, clock


async def test_there_is_room_once_the_hub_has_taken_one_in(
    store: Store, full: tuple[Pace, list[UUID], Clock]
) -> None:
    pace, letters, _ = full
    task = await waits(pace, asyncio.Event())
    await store.run(lambda c: replay_passed(c, letters[0], NOW, NOW))
    await asyncio.wait_for(task, 30)


async def test_who_stops_does_not_wait(full: tuple[Pace, list[UUID], Clock]) -> None:
    stop = asyncio.Event()
    task = await waits(full[0], stop)
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_what_nobody_begins_with_is_not_waited_for_forever(
    full: tuple[Pace, list[UUID], Clock],
) -> None:
    pace, _, clock = full
    task = await waits(pace, asyncio.Event())
    clock.at += timedelta(minutes=1)
    await asyncio.wait_for(task, 30)


async def left(store: Store, letter: UUID, row: MessageUuid | None) -> int:
    sent = SentAgain(letter, row, NOW)
    return len(await store.read(lambda c: not_begun(c, [sent], NOW)))


async def test_a_message_counts_until_somebody_begins_with_it(store: Store) -> None:
    letter, row = await owed_again(store)
    assert await left(store, letter, row) == 1
    await store.run(lambda c: claim(c, row, "me", NOW, LEASE))
    assert await left(store, letter, row) == 0


async def test_what_its_authority_keeps_waiting_stands_in_nobodys_way(store: Store) -> None:
    letter, row = await owed_again(store)
    later = NOW + timedelta(minutes=5)
    await store.run(lambda c: park(c, "990001", "endpoint.down", NOW, later))
    assert await left(store, letter, row) == 0
    letter, row = await owed_again(store)
    await store.run(lambda c: pause(c, Pause("990001", NOW, "cli:ola", "it moves")))
    assert await left(store, letter, row) == 0


async def test_a_submission_refused_at_the_door_counts_until_it_is_delivered(store: Store) -> None:
    [letter] = await published_again(store)
    case = a_case()
    row = a_message(case)
    assert await left(store, letter, row.id) == 1  # not even taken in

    def take_in(connection: Connection) -> None:
        insert_case(connection, case)
        insert_message(connection, row)
        replay_passed(connection, letter, NOW, NOW)

    await store.run(take_in)
    assert await left(store, letter, row.id) == 1
    await store.run(lambda c: claim(c, row.id, "me", NOW, LEASE))
    assert await left(store, letter, row.id) == 0


async def test_a_replay_that_came_to_nothing_is_opened_again_once(store: Store) -> None:
    [lost] = await published_again(store)
    [passed] = await published_again(store)
    await owed_again(store)
    await store.run(lambda c: replay_passed(c, passed, NOW, NOW))
    later = NOW + timedelta(minutes=5)
    assert await store.read(lambda c: replays_under_way(c, NOW)) == {}
    assert await store.read(lambda c: replays_under_way(c, later)) == {lost: "hub.submissions"}
    assert await store.run(lambda c: reopen(c, lost))
    assert not await store.run(lambda c: reopen(c, lost))
    assert not await store.run(lambda c: reopen(c, passed))
