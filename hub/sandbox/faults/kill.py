"""`kill -9` of the hub's processes: at random, at every step of a message's way, and its adapters'.

A step is passed by whatever message comes next to it, so a kill at a step waits for one; the n-th
passage is drawn. Where none comes in time, the hub is killed all the same and the step counts as
missed.
"""

import asyncio
import os
import re
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from hub.sandbox.faults.forked import trap_in
from hub.sandbox.faults.kind import Ground, Kind
from hub.sandbox.faults.steps import POINTS

__all__ = ["KILLS"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST_WAIT: Final = 10.0
_MOST_PASSAGES: Final = 3
_WATCHED: Final = re.compile(r"^Pid:\s+(-?\d+)", re.MULTILINE)


async def _at_random(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    await ground.hub.kill()
    await ground.hub.start()


async def _at(point: str, ground: Ground) -> None:
    passage = ground.random.randint(1, _MOST_PASSAGES)
    trap_in(ground.world.folder).write_text(f"{point} {passage}", "ascii")
    ground.hub.signal(signal.SIGUSR1)
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await ground.hub.ended()
    except TimeoutError:
        ground.missed = True
        await ground.hub.kill()
    await ground.hub.start()


async def _adapter(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    workers = sorted(_workers_of(ground.hub.pid))
    if workers:
        with suppress(ProcessLookupError):
            os.kill(ground.random.choice(workers), signal.SIGKILL)
    ground.missed = not workers


def _workers_of(hub: int) -> list[int]:
    """The processes in which adapters work for a hub: it watches each of them by a pidfd."""
    found = []
    for file in Path(f"/proc/{hub}/fdinfo").iterdir():
        with suppress(OSError):
            found += [int(pid) for pid in _WATCHED.findall(file.read_text("ascii"))]
    return [pid for pid in found if pid > 0]  # of one that has ended it is -1


KILLS: Final = (
    Kind("hub.kill.random", _at_random),
    *(Kind(f"hub.kill.{p}", partial(_at, p)) for p in POINTS if not p.startswith("bury.")),
    Kind("adapter.kill", _adapter),
)
