"""Hubs on one store are restarted, added and taken away while cases flow through them."""

import signal
from pathlib import Path

import pytest

from hub.sandbox.processes import Child
from tests.scale.flowing import flowing


async def end(hub: Child) -> None:
    """In good order, as systemd or a container engine asks for it."""
    hub.signal(signal.SIGTERM)
    assert await hub.ended() == 0, hub.last_lines()


@pytest.mark.timeout(400)
async def test_hubs_are_restarted_one_after_the_other_and_added_and_taken_away_under_load(
    tmp_path: Path, store_url: str
) -> None:
    async with flowing(tmp_path, store_url, hubs=3) as flow:
        first, second, third = flow.world.hubs
        await end(third)
        await flow.goes_on()
        await end(first)  # by whose doors documents come: until it is back, nobody new can apply
        await first.start()
        await flow.goes_on()
        await end(second)
        await flow.goes_on()
        await second.start()
        await third.start()
        await flow.goes_on()
        await end(second)
        await flow.goes_on()
