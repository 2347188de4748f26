"""What a tree of processes costs is read as the kernel counts it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import cost, held, tree

_WORK = "sum(range(8_000_000))"


@contextmanager
def started(program: str) -> Iterator[subprocess.Popen[str]]:
    """A Python that has said one line, and waits."""
    wait = "import sys; print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", f"{program}; {wait}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_children_that_ended_are_counted_with_their_parent() -> None:
    call = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_WORK!r}])"
    with started("pass") as idle, started(call) as parent:
        assert cost(parent.pid).cpu > cost(idle.pid).cpu
        assert tree(parent.pid) == [parent.pid]


def test_children_that_run_are_counted_too() -> None:
    child = "import time; time.sleep(600)"
    program = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}])"
    with started("pass") as idle, started(program) as parent:
        _, below = tree(parent.pid)
        try:
            assert cost(parent.pid).memory > cost(idle.pid).memory
        finally:
            os.kill(below, signal.SIGKILL)


def test_nobody_costs_nothing() -> None:
    assert (cost().cpu, cost().memory) == (0, 0)


async def test_who_is_held_does_nothing_until_it_is_let_go() -> None:
    with started(_WORK) as process:
        with held([process.pid]):
            await asyncio.to_thread(_until, process.pid, "T")
        await asyncio.to_thread(_until, process.pid, "S")


def _until(pid: int, state: str) -> None:
    """Return once the process is in that state; the test's own limit ends it otherwise."""
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != state:
        os.sched_yield()
