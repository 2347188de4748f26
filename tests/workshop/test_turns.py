"""Calls that a process was told before their turn get their own answers and share no fate."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hub.model.failure import HubFailure
from hub.model.identifiers import MessageUuid
from hub.proof.situation import context_of
from hub.workshop.crew import AdapterBusy
from hub.workshop.workshop import Workshop
from tests.builders import a_submission
from tests.workshop.test_workshop import failure, process, runs
from tests.workshop.test_workshop import workshop as workshop

MANY = 14


async def whose(workshop: Workshop, id_: UUID) -> UUID:
    message = a_submission(id=MessageUuid(id_), application_id="process", documents=0)
    packed = await workshop.write(
        "unruly", "1", message, context_of(message), wait=timedelta(seconds=60)
    )
    return packed.messages[0].uuid


@pytest.fixture
async def pids(workshop: Workshop) -> set[int]:
    """Of both processes, which have nothing to do any more."""
    return set(await asyncio.gather(*(process(workshop) for _ in range(MANY))))


async def test_what_was_told_behind_one_that_hangs_is_done_elsewhere(
    workshop: Workshop, pids: set[int]
) -> None:
    hanging = asyncio.create_task(failure(workshop, "hang"))
    of_others = await asyncio.gather(*(process(workshop) for _ in range(MANY)))
    assert not hanging.done()
    assert len(set(of_others)) == 1
    assert set(of_others) < pids


async def test_what_was_told_behind_one_that_ends_its_process_is_done_elsewhere(
    workshop: Workshop, pids: set[int]
) -> None:
    ends = asyncio.create_task(failure(workshop, "exit"))
    ids = [uuid4() for _ in range(MANY)]
    assert await asyncio.gather(*(whose(workshop, each) for each in ids)) == ids
    assert (await ends).cause == "adapter.died"
    assert sum(map(runs, pids)) == 1


async def test_one_that_asks_for_a_document_is_answered_before_what_was_told_behind_it(
    workshop: Workshop, pids: set[int]
) -> None:
    asks = [asyncio.create_task(failure(workshop, "load-made-up")) for _ in pids]
    ids = [uuid4() for _ in range(MANY)]
    assert await asyncio.gather(*(whose(workshop, each) for each in ids)) == ids
    assert {each.cause for each in await asyncio.gather(*asks)} == {"document.unknown"}
    assert all(map(runs, pids))


async def test_whoever_is_cancelled_takes_nobody_elses_answer(
    workshop: Workshop, pids: set[int]
) -> None:
    ids = [uuid4() for _ in range(MANY)]
    tasks = [asyncio.create_task(whose(workshop, each)) for each in ids]
    await asyncio.sleep(0)
    for each in tasks[::3]:
        each.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    for at, (id_, answer) in enumerate(zip(ids, answers, strict=True)):
        assert isinstance(answer, asyncio.CancelledError) if at % 3 == 0 else answer == id_
    assert all(map(runs, pids))


async def test_what_was_told_behind_others_is_turned_away_untried_when_the_hub_ends(
    workshop: Workshop, pids: set[int]
) -> None:
    hanging = [asyncio.create_task(failure(workshop, "hang")) for _ in pids]
    behind = [asyncio.create_task(failure(workshop, "process")) for _ in range(MANY)]
    await asyncio.sleep(0)
    workshop.turn_away()
    causes: list[HubFailure] = await asyncio.gather(*behind)
    assert {type(each) for each in causes} == {AdapterBusy}
    assert not any(each.done() for each in hanging)
