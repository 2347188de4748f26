"""What is varied, and what is measured of one contestant in one round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from bench.processes import Cost

__all__ = ["LOADS", "Case", "Latency", "Round"]

LOADS: Final = (10, 50, 80)
"""Percent of the maximum at which latency is measured."""

Kind = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Case:
    """One set of circumstances. `document`: bytes of each submission's one document; 0: none."""

    authorities: int = 4
    document: int = 0
    processes: int = 1
    store: Kind = "sqlite"

    def __str__(self) -> str:
        """In words."""
        size = "no documents" if not self.document else f"{self.document / 1000:,.0f} kB"
        processes = "1 process" if self.processes == 1 else f"{self.processes} processes"
        return f"{self.authorities} authorities, {size}, {processes}, {self.store}"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the time at which it was to be published to the system's acceptance."""

    p50: float
    p95: float
    p99: float
    rate: float
    count: int

    def of(self, name: str) -> float:
        """One of its values."""
        value: float = getattr(self, name)
        return value


@dataclass(frozen=True, slots=True)
class Round:
    """One contestant, once. `costs`: of itself, the broker, the store and the system.

    `count` submissions were accepted in `seconds`; `doubled` came more than once.
    """

    count: int
    seconds: float
    doubled: int
    costs: Mapping[str, Cost]
    latencies: Mapping[int, Latency] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Submissions per second."""
        return self.count / self.seconds

    def cpu(self, of: str) -> float:
        """Milliseconds of CPU per submission."""
        return self.costs[of].cpu * 1000 / self.count
