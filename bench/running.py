"""The processes of one turn: the simulated system, and the contestant until it is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from bench.entrants import Entrant, Surroundings
from bench.processes import cost, tree
from bench.publishing import Publishing
from hub.sandbox.processes import Child, free_port

__all__ = ["System", "running"]

_READY: Final = 60.0
"""Seconds in which everybody has its consumers, and in which everybody is gone."""
_LOOK_EVERY: Final = 0.05


class System:
    """The simulated system as a process of its own, and what it knows."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.child = Child(
            ("bench.recipient", "--port", str(port)),
            settings={},
            log=folder / "system.log",
            ready_url=f"{self.url}/count",
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "System":
        self._session = aiohttp.ClientSession()
        await self.child.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.child.stop()
        if self._session is not None:
            await self._session.close()

    async def ask(self, path: str) -> dict[str, float]:
        """`count`: how many came, and how many too often; `times`: when each came first."""
        assert self._session is not None  # noqa: S101 - entered
        async with self._session.get(f"{self.url}/{path}") as answer:
            found: dict[str, float] = await answer.json()
            return found


@asynccontextmanager
async def running(
    entrant: Entrant, around: Surroundings, online_service: Publishing
) -> AsyncIterator[list[Child]]:
    """Start a contestant, wait until it consumes, and end it with all it started."""
    children = entrant.start(around)
    async with AsyncExitStack() as ending:
        for child in children:
            ending.push_async_callback(_end, child)
            await child.start()
        async with asyncio.timeout(_READY):
            for queue, consumers in entrant.queues(around).items():
                while await online_service.consumers(queue) < consumers:
                    for child in children:
                        child.check()
                    await asyncio.sleep(_LOOK_EVERY)
        yield children


async def _end(child: Child) -> None:
    if child.running:
        pids = tree(child.pid)
        await child.stop()
        async with asyncio.timeout(_READY):
            while any(cost(pid).memory for pid in pids):  # noqa: ASYNC110 - /proc tells nobody
                await asyncio.sleep(_LOOK_EVERY)
