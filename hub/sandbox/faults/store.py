"""What can happen to store and disks: locked, taken away, full.

A full disk is played by the kernel's bound on the size of a process's files (RLIMIT_FSIZE), which
needs no rights and is met by database, documents and journal alike; what it gives for ENOSPC is
EFBIG. Faults of a PostgreSQL store are tried in `tests/faults`.
"""

import asyncio
import resource
import sqlite3
import time
from contextlib import closing
from typing import Final

from hub.sandbox.faults.alarm import alarm
from hub.sandbox.faults.kind import Ground, Kind
from hub.store.connect import sqlite_file

__all__ = ["STORE"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST: Final = 5.0
_LONGEST_LOCK: Final = 15.0  # the hub itself is patient for ten seconds
_ROOM: Final = 1024 * 1024  # bytes that may still be written, to the log of the hub among others


async def _locked(ground: Ground) -> None:
    file = sqlite_file(ground.world.store_url)
    seconds = ground.random.uniform(0.5, _LONGEST_LOCK)

    def lock() -> None:
        with closing(sqlite3.connect(str(file), isolation_level=None, timeout=60)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")

    await _some_time(ground)
    await asyncio.to_thread(lock)


async def _away(ground: Ground) -> None:
    file = sqlite_file(ground.world.store_url)
    assert file is not None  # noqa: S101 - the world of a campaign has one
    elsewhere = file.with_name("elsewhere.db")
    await _some_time(ground)
    await asyncio.to_thread(file.rename, elsewhere)
    try:
        await _a_while(ground)
    finally:
        await asyncio.to_thread(elsewhere.rename, file)


async def _full(ground: Ground) -> None:
    pid = ground.hub.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    await _some_time(ground)
    log = (await asyncio.to_thread((ground.world.folder / "hub.log").stat)).st_size
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (log + _ROOM, before[1]))
    try:
        await _a_while(ground)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def _broker_full(ground: Ground) -> None:
    await _some_time(ground)
    async with alarm(ground.node, "disk"):
        await _a_while(ground)


async def _some_time(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))


async def _a_while(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0.5, _LONGEST))


STORE: Final = (
    Kind("store.locked", _locked),
    Kind("store.away", _away),
    Kind("disk.full", _full),
    Kind("disk.broker_full", _broker_full),
)
