"""What processes cost: CPU and memory of a whole tree of them, read from /proc.

CPU is user and system time of every process below one, with that of children who ended already
(`cutime` and `cstime`, which are added once a child is waited for), in ticks of 10 ms. Memory is
the most that each ever held, added up: pages that forked processes share are counted for each.
"""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Cost", "cost", "held", "program", "tree"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_KIBIBYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU so far, and megabytes at their peak."""

    cpu: float
    memory: float

    def __sub__(self, before: "Cost") -> "Cost":
        """What it has cost since; memory stays the peak."""
        return Cost(self.cpu - before.cpu, self.memory)


def cost(*roots: int) -> Cost:
    """What these processes and all below them have cost."""
    found = [each for pid in tree(*roots) if (each := _cost_of(pid)) is not None]
    return Cost(sum(each.cpu for each in found), sum(each.memory for each in found))


def tree(*roots: int) -> list[int]:
    """These processes and all below them."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
        if (stat := _stat(pid)) is not None:
            children.setdefault(int(stat[1]), []).append(pid)
    found, below = [], list(roots)
    while below:
        pid = below.pop()
        found.append(pid)
        below += children.get(pid, [])
    return found


def program(name: str, folder: Path) -> list[int]:
    """The first below us that runs that program in that folder; those below it are its own."""
    for pid in tree(os.getpid()):
        with suppress(OSError):  # it has just ended
            command = Path(os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]))
            if command.name == name and Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder):
                return [pid]
    return []


@contextmanager
def held(roots: Iterable[int]) -> Iterator[None]:
    """Stand these and all below them still, so that what waits for them can be made ready."""
    pids = tree(*roots)
    try:
        _tell(pids, signal.SIGSTOP)
        yield
    finally:
        _tell(pids, signal.SIGCONT)


def _tell(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _pids() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())


def _cost_of(pid: int) -> Cost | None:
    stat = _stat(pid)
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), "0")
    if stat is None:
        return None
    ticks = sum(int(each) for each in stat[11:15])  # utime, stime, cutime, cstime
    return Cost(ticks / _TICKS, int(peak) / _KIBIBYTES)


def _stat(pid: int) -> list[str] | None:
    """The fields from `state` on: the name before it may hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has just ended
