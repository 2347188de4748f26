"""Two hubs on one store: one is killed, stands still, ends in good order, or has a wrong clock.

The other one goes on meanwhile. Which of them it is, is drawn.
"""

import asyncio
import signal
from datetime import timedelta
from typing import Final

from hub.sandbox.faults.kind import Ground, Kind
from hub.sandbox.faults.paired import LEASE, clock_in
from hub.sandbox.processes import Child

__all__ = ["TOGETHER"]

_LONGEST_PAUSE: Final = 2.0
_AT_WORK: Final = 5.0
_WRONG_BY: Final = timedelta(minutes=10)


async def _killed(ground: Ground) -> None:
    hub = await _one(ground)
    await hub.kill()
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    await hub.start()


async def _ended(ground: Ground) -> None:
    hub = await _one(ground)
    hub.signal(signal.SIGTERM)
    await hub.ended()  # once it is through with what it has at work
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    await hub.start()


async def _stopped(ground: Ground) -> None:
    """Longer than a lease; sometimes longer than the broker has patience."""
    hub = await _one(ground)
    hub.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(LEASE.total_seconds() * ground.random.uniform(1.1, 1.6))
    finally:
        hub.signal(signal.SIGCONT)
    await asyncio.sleep(_AT_WORK)  # with what it still had in hand


async def _skewed(ground: Ground) -> None:
    hub, clock = await _one(ground), clock_in(ground.world.folder)
    ahead = ground.random.choice((_WRONG_BY, -_WRONG_BY)).total_seconds()
    clock.write_text(str(ahead), "ascii")
    try:
        await hub.kill()
        await hub.start()
    finally:
        clock.unlink()
    await asyncio.sleep(_AT_WORK)
    await hub.kill()
    await hub.start()


async def _one(ground: Ground) -> Child:
    """One of the hubs, some time later."""
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    return ground.random.choice(ground.world.hubs)


TOGETHER: Final = (
    Kind("together.killed", _killed, pair=True),
    Kind("together.ended", _ended, pair=True),
    Kind("together.stopped", _stopped, pair=True),
    Kind("together.skewed", _skewed, pair=True),
)
