"""A rolling upgrade: a hub of the next version joins one at work, migrates, and stays alone.

Two processes on one PostgreSQL and one RabbitMQ; applicants never stop, and everybody's books are
compared at the end.
"""

import asyncio
import shlex
from pathlib import Path

import pytest

from hub.broker import Broker
from hub.sandbox.processes import Child, free_port
from hub.sandbox.world import World, running_world
from hub.store import ledger, verify_acts
from tests.drills.drilling import Drill, Groups
from tests.postgresql import postgresql_server


def a_hub(world: World, name: str, module: str, *, at_its_door: bool = False) -> Child:
    """A hub beside that of the world, with the same settings; perhaps at the same door."""
    lines = (world.folder / "settings.sh").read_text("utf-8").splitlines()
    settings = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    if not at_its_door:
        settings["HUB_HTTP_PORT"] = str(free_port())
    return Child(
        (module, "run"),
        settings=settings,
        log=world.folder / f"{name}.log",
        ready_url=f"http://127.0.0.1:{settings['HUB_HTTP_PORT']}/health/ready",
    )


@pytest.mark.timeout(900)
async def test_old_and_new_work_side_by_side_and_the_old_one_does_not_come_back(
    tmp_path: Path,
) -> None:
    with postgresql_server() as server:
        async with (
            running_world(tmp_path, store_url=server.new_database()) as world,
            Broker([world.amqp_url], name="applicants") as broker,
        ):
            drill, groups = Drill(world, broker), Groups.of(world)
            old, new = world.hub, a_hub(world, "new", "tests.drills.newer")
            second = a_hub(world, "second", "tests.drills.newer", at_its_door=True)
            async with drill.store() as store:  # as the old version sees it, to the end
                try:
                    working = asyncio.create_task(drill.play(store, groups.before))
                    await drill.until_known(store, groups.before[:1])
                    await new.start()
                    await working
                    assert old.running
                    await drill.play(store, groups.meanwhile)

                    await old.kill()
                    drill.hub_at_work = new
                    working = asyncio.create_task(drill.play(store, groups.after))
                    with pytest.raises(RuntimeError, match="of a newer version of the hub"):
                        await a_hub(world, "back", "hub.cli").start()
                    await second.start()
                    await working
                    everybody = [*groups.before, *groups.meanwhile, *groups.after]
                    assert (await drill.verdict(store, everybody, set())).problems == ()
                    assert (await store.read(ledger)).balanced
                    assert await store.read(verify_acts) is None
                finally:
                    await new.stop()
                    await second.stop()
