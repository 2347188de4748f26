"""How much memory each process has, by what it is: read from /proc, as the kernel counts it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

__all__ = ["Resident", "resident"]

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hub.cli run": "hub",
        "hub.workshop.worker": "workshop",
        "bench.system": "system",
        "beam.smp": "broker",
    }
)
"""What stands in a process's command line, and what it is called here."""

_MEGABYTE_IN_KIBIBYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Resident:
    """One process: megabytes in memory now, and the most there ever were."""

    kind: str
    pid: int
    now: float
    peak: float


def resident(ancestor: int | None = None) -> list[Resident]:
    """The processes below `ancestor`, or below this one, that have a name here."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    below, found = [ancestor or os.getpid()], []
    while below:
        pid = below.pop()
        below += children.get(pid, [])
        if (one := _measured(pid)) is not None:
            found.append(one)
    return sorted(found, key=lambda each: (each.kind, each.pid))


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                status = (folder / "stat").read_text()
            except OSError:
                continue  # it has just ended
            # pid (name) state parent …, where the name may hold spaces and brackets.
            yield int(folder.name), int(status.rpartition(")")[2].split()[1])


def _measured(pid: int) -> Resident | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    kind = next((kind for words, kind in _KINDS.items() if words in command), None)
    values = {name: rest for name, _, rest in (line.partition(":") for line in lines)}
    if kind is None or "VmRSS" not in values:
        return None
    now, peak = (
        int(values[name].split()[0]) / _MEGABYTE_IN_KIBIBYTES for name in ("VmRSS", "VmHWM")
    )
    return Resident(kind, pid, now, peak)
