"""Hubs that a stem forks, as children like any other: started, killed and waited for.

The other side of `stem`. One stem lasts for a whole campaign.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from hub.sandbox.faults.steps import TRAP
from hub.sandbox.processes import Child, Started, without_settings

__all__ = ["Stem", "running_stem", "trap_in"]

_STEM: Final = "hub.sandbox.faults.stem"
_IN_A_HURRY: Final = {"HUB_RECEIPT_HOURS": "0.01"}
"""What a system has lost shall be sent again within the campaign."""


@asynccontextmanager
async def running_stem(module: str) -> AsyncIterator["Stem"]:
    """A stem whose children run `module.main()`; it and they end with the block."""
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", _STEM, module),
        env=without_settings(os.environ),
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,
    )
    stem = Stem(process)
    listening = asyncio.create_task(stem.listen())
    try:
        yield stem
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await listening


def trap_in(folder: Path) -> Path:
    """The file that says where the hub of that world is to die."""
    return folder / "hub.trap"


class Stem:
    """Forks when asked. Made by `running_stem`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._asked = asyncio.Lock()
        self._started: asyncio.Queue[int | None] = asyncio.Queue()
        self._ended: dict[int, asyncio.Future[int]] = {}

    def child(
        self, module: Sequence[str], *, settings: Mapping[str, str], log: Path, ready_url: str
    ) -> Child:
        """Takes the place of `Child(…)`; what runs is the stem's own module instead."""
        deadly = {**settings, TRAP: str(trap_in(log.parent)), **_IN_A_HURRY}
        return _Forked(self, module, settings=deadly, log=log, ready_url=ready_url)

    async def fork(self, settings: Mapping[str, str], log: str) -> Started:
        """A new process with these settings that writes to this file."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe, see above
        async with self._asked:
            order = {"settings": dict(settings), "log": log}
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            if (pid := await self._started.get()) is None:
                raise RuntimeError("the process that forks hubs has ended")
            return _Process(pid, self._ended[pid])

    async def listen(self) -> None:
        """Hear what the stem tells, until it ends."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe, see above
        async for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                self._ended[told["started"]] = asyncio.get_running_loop().create_future()
                self._started.put_nowait(told["started"])
            else:
                self._ended.pop(told["ended"]).set_result(told["status"])
        for waiting in self._ended.values():  # they ended with it
            waiting.set_result(-9)
        self._started.put_nowait(None)


class _Forked(Child):
    def __init__(
        self,
        stem: Stem,
        module: Sequence[str],
        *,
        settings: Mapping[str, str],
        log: Path,
        ready_url: str,
    ) -> None:
        super().__init__(module, settings=settings, log=log, ready_url=ready_url)
        self._stem = stem

    async def _begin(
        self, module: Sequence[str], settings: Mapping[str, str], output: BinaryIO
    ) -> Started:
        del module
        return await self._stem.fork(settings, output.name)


class _Process:
    def __init__(self, pid: int, ended: asyncio.Future[int]) -> None:
        self.pid = pid
        self._ended = ended

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, signal: int, /) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)
