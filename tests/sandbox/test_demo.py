import asyncio
import json
import os
import select
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def a_demo(log: Path, *options: str) -> AsyncIterator[Process]:
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.cli", "demo", *options),
            cwd=ROOT,
            stdout=PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def descendants(pid: int) -> set[int]:
    """Every living process below `pid`."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    children = {int(child) for child in text.split()}
    return children.union(*(descendants(child) for child in children))


def ends(handle: int) -> bool:
    """Whether the process behind a pidfd ends within ten seconds."""
    return bool(select.select([handle], [], [], 10)[0])


async def test_all_is_well_though_the_hub_is_killed_and_ctrl_c_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    log = tmp_path / "demo.log"
    async with a_demo(log, "--count", "6", "--kill", "1", "--keep", "--json") as demo:
        assert demo.stdout is not None
        line = await demo.stdout.readline()
        assert line, log.read_text("utf-8")
        result = json.loads(line)
        assert result.pop("seconds") > 0
        assert result == {
            "submissions": 6,
            "accepted": 6,
            "letters": 18,
            "replies": 2,
            "conversations": 6,
            "dead": 0,
            "ledger": "balanced",
        }
        running = [os.pidfd_open(pid) for pid in descendants(demo.pid)]
        assert len(running) >= 4  # hub, simulated system, RabbitMQ, its name server
        demo.send_signal(signal.SIGINT)
        assert await demo.wait() == 130
        assert await demo.stdout.read() == b""
        assert all([await asyncio.to_thread(ends, handle) for handle in running])
