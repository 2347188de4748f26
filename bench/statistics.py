"""Medians with their spread, and ratios of what was measured side by side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

__all__ = ["Spread", "percentile", "ratio", "spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, the least and the most."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """`12.3 (11.9-13.0)`, with three significant digits."""
        if self.low == self.high:
            return _short(self.median)
        return f"{_short(self.median)} ({_short(self.low)}-{_short(self.high)})"


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return Spread(median(values), min(values), max(values))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours by theirs, round by round: what slowed a round down slowed down both.

    Raises:
        ValueError: they were not measured in the same rounds.
    """
    return spread([one / other for one, other in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The least of `values` that so many percent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(ceil(len(ordered) * share / 100) - 1, 0)]


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
