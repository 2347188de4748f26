"""A running world as `scripts/demo --keep` leaves it, for pages and examples to be tried in."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.sandbox.world import World, running_world
from tests.docs import forked
from tests.docs.pages import ROOT


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(scope="session")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A folder for the PATH with a quick `hub`."""
    folder = tmp_path_factory.mktemp("commands")
    forked.client(folder, folder / "socket")
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", forked.__name__),
        str(folder / "socket"),
        cwd=ROOT,
        stdout=PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    yield folder
    process.kill()
    await process.wait()
