"""A person stops what goes down to one authority; everybody else, and everything up, goes on."""

from datetime import UTC, datetime

from hub.settings import Settings
from hub.store import Pause, end_pause, pause, pauses
from tests.builders import a_submission, an_id
from tests.way.conftest import World, a_world, until
from tests.way.system import System

PAUSE = Pause("990001", datetime(2026, 11, 2, tzinfo=UTC), "cli:ola", "the system moves")


async def test_what_is_paused_waits_over_a_restart_and_others_go_on(
    settings: Settings, system: System
) -> None:
    held = a_submission()
    async with a_world(settings, system) as world:
        await world.hub.store.run(lambda c: pause(c, PAUSE))
        await world.send(held)
        await world.until_state(held, "owed")
    async with a_world(settings, system) as world:
        other = a_submission(id=an_id("other"), authority="990002")
        await world.send(other)
        await world.until_state(other, "accepted")
        row = await world.until_state(held, "owed")
        assert row.attempts == 0
        assert [each.authority for each in system.received] == ["990002"]

        await world.hub.store.run(lambda c: end_pause(c, "990001", "cli:ola", PAUSE.since))
        await world.until_state(held, "accepted")
        assert (await world.ledger()).balanced


async def test_a_pause_holds_what_is_in_the_queue_already(world: World) -> None:
    await world.hub.store.run(lambda c: pause(c, PAUSE))

    async def stopped() -> bool:
        return world.hub.authorities["990001"].paused

    await until(stopped)
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "owed")
    assert world.system.received == []

    await world.hub.store.run(lambda c: end_pause(c, "990001", "cli:ola", PAUSE.since))
    await world.until_state(submission, "accepted")
    assert await world.hub.store.read(pauses) == []
