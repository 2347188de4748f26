"""What the pages tell a reader to type is typed, page by page, in a world that runs."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from contextlib import suppress
from pathlib import Path

import pytest

from hub.sandbox.processes import without_settings
from hub.sandbox.world import World
from tests.docs.pages import PAGES, ROOT, Block, blocks, given
from tests.docs.script import script, shown

EXAMPLES = ROOT / "docs" / "examples"
SECONDS = 240
pytestmark = pytest.mark.timeout(2 * SECONDS)


def is_run(block: Block) -> bool:
    return block.kind == "console" or (block.kind == "sh" and not block.rest)


TYPED = [page for page in PAGES if any(map(is_run, blocks(page)))]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", TYPED, ids=named)
async def test_what_a_page_tells_to_type_works(
    page: Path, world: World, commands: Path, tmp_path: Path
) -> None:
    folder, outputs = tmp_path / "reader", tmp_path / "outputs"
    shutil.copytree(EXAMPLES, folder)
    outputs.mkdir()
    settings = Block("settings", "sh", "", (world.folder / "settings.sh").read_text("utf-8"))
    before = Block(f"{named(page)}, given", "sh", "", given(page))
    code, printed = await typed(
        script([settings, before, *blocks(page)], outputs), folder, commands
    )
    assert code == 0, printed[-3000:]
    for number, each in enumerate(shown(blocks(page))):
        output = (outputs / str(number)).read_text("utf-8")
        assert each.is_what(output), f"{each.place}: {each.command}\n{output}"


async def typed(text: str, folder: Path, commands: Path) -> tuple[int | None, str]:
    """How it ended, and what it printed."""
    path = f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = await asyncio.create_subprocess_exec(
        *("bash", "--noprofile", "--norc", "-c", text),
        cwd=folder,
        env={**without_settings(os.environ), "PATH": path},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(SECONDS):
            printed, _ = await shell.communicate()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)  # whatever a page left running
    return shell.returncode, printed.decode()
