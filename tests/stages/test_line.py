"""Only so many messages are begun at once, and none when the hub is about to end."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from hub.broker import Verdict
from hub.stages.deliver import Deliver
from hub.stages.line import _AT_ONCE, Line
from hub.store import State, Store, message_by_id
from tests.builders import a_reply, a_submission
from tests.stages.given import NOW, a_table, an_accepted_case, sent_by_the_applicant
from tests.stages.test_overtaken import reference


async def in_line(line: Line, adapter: str, entered: list[str], leave: asyncio.Event) -> None:
    async with line.place(adapter) as place:
        entered.append(adapter)
        await leave.wait()
        place.leave()


async def turns() -> None:
    """Let every task go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_begin_than_there_are_places_and_each_adapter_has_its_own() -> None:
    line, entered, leave = Line(), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_AT_ONCE + 5):
            tasks.create_task(in_line(line, "slow", entered, leave))
        tasks.create_task(in_line(line, "other", entered, leave))
        await turns()
        assert (entered.count("slow"), entered.count("other")) == (_AT_ONCE, 1)
        leave.set()
    assert entered.count("slow") == _AT_ONCE + 5


async def test_who_left_early_gives_its_place_back_once() -> None:
    line = Line()
    async with line.place("any") as place:
        place.leave()
        place.leave()
    entered, leave = list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_AT_ONCE + 1):
            tasks.create_task(in_line(line, "any", entered, leave))
        await turns()
        assert len(entered) == _AT_ONCE
        leave.set()


async def test_a_hub_that_ends_gives_back_what_it_has_not_begun(store: Store) -> None:
    case = await an_accepted_case(store, a_submission(authority="990001", place=None))
    message = a_reply(case=case.id)
    await sent_by_the_applicant(store, case, message, State.OWED)
    nothing: Any = SimpleNamespace()
    deliver = Deliver(
        store, nothing, nothing, a_table, {}, "hub", timedelta(days=1), lambda: NOW, lambda: None
    )
    row = await store.read(lambda c: message_by_id(c, message.id))
    assert row is not None

    deliver.end()
    assert await deliver.handle(reference(row)) is Verdict.REQUEUE

    row = await store.read(lambda c: message_by_id(c, message.id))
    assert row is not None
    assert (row.state, row.attempts, row.in_doubt) == (State.OWED, 0, False)
