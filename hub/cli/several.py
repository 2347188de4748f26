"""Several hubs on this machine, and a parent that does nothing but look after them.

One that dies is started again, later each time it does; told to end, the parent tells all of them
and waits for their orderly ends. It holds no message and no connection, so that its own death harms
nothing: the kernel then tells its children to end, too. Each child is in a session of its own, so
that a Ctrl-C at the terminal reaches the parent only, which hands it on once.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

__all__ = ["keep_several", "told_to_end"]

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
_STEADY: Final = 60.0
"""Seconds after which a hub counts as one that works: what ends it later is no wrong setting."""

_log = structlog.get_logger()


async def keep_several(children: Sequence[tuple[Sequence[str], Mapping[str, str]]]) -> int:
    """Keep so many hubs until told to end; gives the exit code.

    0: all ended in good order. 1: one of them did not, or had to be killed, since a second signal
    came. Any other: a hub refused to start, which is why all were ended.

    Args:
        children: of each one what follows `hub`, and settings beside those in the environment.
    """
    family = _Family()
    told = told_to_end(family.kill)
    keeping = [
        asyncio.create_task(family.keep(number, *child))
        for number, child in enumerate(children, start=1)
    ]
    ended = asyncio.create_task(told.wait())
    await asyncio.wait([ended, *keeping], return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    family.end()
    return max(await asyncio.gather(*keeping))


def told_to_end(again: Callable[[], None] | None) -> asyncio.Event:
    """Set at the first SIGTERM or SIGINT; `again` is called at each further one, if given."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        if not told.is_set():
            told.set()
        elif again is not None:
            again()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, end)
    return told


class _Family:
    """The children that are alive, and whether they are to be."""

    def __init__(self) -> None:
        self._alive: set[Process] = set()
        self._ending = asyncio.Event()
        self._began = time.monotonic()

    async def keep(self, number: int, command: Sequence[str], settings: Mapping[str, str]) -> int:
        """Start a hub, and again whenever it has ended, until all are to end; gives its code."""
        wait = _FIRST_WAIT
        while not self._ending.is_set():
            process, began = await _start(command, settings), time.monotonic()
            self._alive.add(process)
            _log.info("hub.started", hub=number, pid=process.pid)
            if self._ending.is_set():  # told while this one was being started
                process.terminate()
            code = await process.wait()
            self._alive.discard(process)
            if self._ending.is_set():
                # Whoever was told before it could hear has not begun anything.
                return 0 if code in {0, -signal.SIGTERM} else 1
            if code > 0 and time.monotonic() - self._began < _STEADY:
                _log.error("hub.refused_to_start", hub=number, code=code)
                return code
            if time.monotonic() - began > _STEADY:
                wait = _FIRST_WAIT
            _log.warning("hub.ended", hub=number, pid=process.pid, code=code, again_in=wait)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._ending.wait()
            wait = min(2 * wait, _LONGEST_WAIT)
        return 0

    def end(self) -> None:
        """Tell all to end, once."""
        self._ending.set()
        for process in self._alive:
            process.terminate()

    def kill(self) -> None:
        """End them at once; nothing is lost by that, but some work may be done twice."""
        for process in self._alive:
            process.kill()


async def _start(command: Sequence[str], settings: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.cli", *command),
        env={**os.environ, **settings},
        stdin=DEVNULL,
        start_new_session=True,
    )
