"""Child processes that never outlive the one who started them, however it ends.

The kernel kills a child when the thread that started it ends; on every orderly way out it is
asked to end first. Each is in a session of its own, so that Ctrl-C reaches its owner only.
"""

import asyncio
import os
import random
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import aiohttp

__all__ = ["PORTS", "Child", "Started", "free_port", "without_settings"]

PORTS = range(20_000, 32_000)
"""Ports that are given out: below Linux's ephemeral range (from 32768).

In it, a client that calls a process which is just being restarted could be given that very port
as its own, connect to itself, and keep the process from coming back. Several test runs at once
take a share each, so that none is given a port that another has found free as well.
"""

_given: Final[set[int]] = set()

_START_SECONDS: Final = 120
"""A machine that had too much to do took more than 60 for two hubs that began together."""
_STOP_SECONDS: Final = 10
_LOOK_EVERY: Final = 0.05
_LOOK_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


class Started(Protocol):
    """A process as the one who started it sees it: asyncio's own, or one that another forked."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def returncode(self) -> int | None:
        """How it ended; None as long as it runs."""

    def send_signal(self, signal: int, /) -> None:
        """Send it a signal; ProcessLookupError or nothing if it has ended."""

    async def wait(self) -> int:
        """Wait until it has ended."""


class Child:
    """A Python module run as a process of its own, with its output in a file.

    Args:
        module: what follows `python -m`, with its arguments.
        settings: environment, added to ours; settings of another hub in ours are left out.
        log: file for all it prints.
        ready_url: answers 2xx once the process is ready.
    """

    def __init__(
        self, module: Sequence[str], *, settings: Mapping[str, str], log: Path, ready_url: str
    ) -> None:
        self._module = module
        self._settings = settings
        self._log = log
        self._ready_url = ready_url
        self._process: Started | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            RuntimeError: it ended or is not ready in time; says what it printed last.
        """
        with self._log.open("ab") as output:
            self._process = await self._begin(self._module, self._settings, output)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._wait_ready()
        except TimeoutError:
            raise RuntimeError(f"{self._name} is not ready: {self.last_lines()}") from None

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if not self.running or self._process is None:
            return
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            pass  # asked in vain
        finally:
            await self.kill()

    async def kill(self) -> None:
        """`kill -9`, in the middle of whatever it does."""
        self.signal(signal.SIGKILL)
        await self.ended()

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit code, once it has ended for whatever reason; 0 if it was never started."""
        return 0 if self._process is None else await self._process.wait()

    @property
    def pid(self) -> int:
        """The id of the process that was started last."""
        if self._process is None:
            raise LookupError(f"{self._name} was never started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def check(self) -> None:
        """Raise RuntimeError if it has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            raise RuntimeError(f"{self._name} ended: {self.last_lines()}")

    def last_lines(self) -> str:
        """What it printed last."""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return " / ".join(line.strip() for line in lines[-8:] if line.strip())

    @property
    def _name(self) -> str:
        return " ".join(self._module[:2])

    async def _begin(
        self, module: Sequence[str], settings: Mapping[str, str], output: BinaryIO
    ) -> Started:
        return await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", *module),
            env={**without_settings(os.environ), **settings},
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            start_new_session=True,
        )

    async def _wait_ready(self) -> None:
        async with aiohttp.ClientSession(timeout=_LOOK_TIMEOUT) as session:
            while True:
                self.check()
                try:
                    async with session.get(self._ready_url) as response:
                        if response.ok:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    pass  # it does not listen, or not answer, yet
                await asyncio.sleep(_LOOK_EVERY)


def free_port() -> int:
    """A port of this machine that was free a moment ago, out of `PORTS`.

    No port is given out twice by one process: whoever was given it may not listen there yet, or
    may be about to come back.
    """
    while True:
        port = random.choice(PORTS)
        if port in _given:
            continue
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            _given.add(port)
            return port


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the settings of a hub that may be in it."""
    return {name: text for name, text in environment.items() if not name.startswith("HUB_")}
