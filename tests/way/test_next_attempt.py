"""Attempts that a person does not wait for, and those that the hub itself has cut off."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from hub.model.downward import Submission
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.stages.decision import CUT_OFF_TRIES
from hub.stages.deliver import LEASE
from hub.stages.next_attempts import NextAttempt, set_next_attempt
from hub.store import Claimed, Connection, acts, claim, release_leases
from tests.builders import a_submission
from tests.way.conftest import World, until


async def a_postponed_one(world: World, **given: str) -> Submission:
    """Its system has failed once, and a person has said: not before two hours are over."""
    world.system.answers.append(web.Response(status=500))
    submission = a_submission()
    await world.send(submission, **given)

    async def postponed() -> bool:
        return "postponed" in await world.names(submission.id)

    await until(postponed)
    at = datetime.now(UTC) + timedelta(hours=2)
    moved = await set_to(world, submission, at)
    assert (moved.due_at, moved.held) == (at, None)
    return submission


async def set_to(world: World, submission: Submission, at: datetime | None) -> NextAttempt:
    id_, now = MessageUuid(submission.id), datetime.now(UTC)
    return await world.hub.store.run(lambda c: set_next_attempt(c, id_, at, actor="test", now=now))


async def test_a_message_that_waits_for_hours_is_delivered_when_a_person_says_so(
    world: World,
) -> None:
    submission = await a_postponed_one(world)
    await asyncio.sleep(3)
    assert len(world.system.received) == 1, "two seconds would have been its own time"

    await set_to(world, submission, None)

    row = await world.until_state(submission, "accepted")
    assert row.attempts == 2
    names = await world.names(submission.id)
    assert [name for name in names if name == "rescheduled"] == ["rescheduled"] * 2
    told = [each.act for each in await world.hub.store.read(acts)]
    assert [(each.actor, each.action) for each in told] == [("test", "message.next_attempt")] * 2
    with pytest.raises(PermanentFailure, match="is accepted: nothing more is tried"):
        await set_to(world, submission, None)


async def test_a_message_at_which_the_hub_dies_again_and_again_is_given_up(
    world: World, refusals: "asyncio.Queue[dict[str, object]]"
) -> None:
    submission = await a_postponed_one(world, reply_to="service.refusals", correlation_id="it")
    id_, now = MessageUuid(submission.id), datetime.now(UTC)

    def die(connection: Connection) -> None:
        assert isinstance(claim(connection, id_, "dying", now, LEASE), Claimed)
        release_leases(connection)

    for _ in range(CUT_OFF_TRIES):
        await world.hub.store.run(die)
    assert (await world.messages(submission.id))[0].attempts == 1

    await set_to(world, submission, None)

    [dead] = await world.until_dead()
    assert dead.cause == "hub.cut_off"
    assert dead.sentence.startswith("The hub ended 20 times in a row")
    assert len(world.system.received) == 1
    told = await asyncio.wait_for(refusals.get(), 30)
    assert told["cause"] == "hub.cut_off"
    assert (await world.ledger()).balanced
