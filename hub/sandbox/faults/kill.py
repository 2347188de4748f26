"""`kill -9` of the hub's processes."""

import asyncio
from typing import Final

from hub.sandbox.faults.kind import Ground, Kind

__all__ = ["KILLS"]

_LONGEST_WAIT: Final = 1.0


async def _at_random(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_WAIT))
    await ground.hub.kill()
    await ground.hub.start()


KILLS: Final = (Kind("hub.kill.random", _at_random),)
