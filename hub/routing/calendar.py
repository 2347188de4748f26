"""What changes when: the formats that begin to hold from a day on, for whom, and what goes by it.

XAusländer's releases take effect on 1 May and 1 November. The next of both stand in the calendar
even where no system has anything to change then: that nothing was announced is worth knowing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from hub.adapter import Capability
from hub.model.identifiers import AuthorityKey
from hub.routing.entries import DatedFormat, System
from hub.routing.table import RoutingTable

__all__ = ["CutOver", "Day", "Staying", "calendar"]

_RELEASES: Final = ((5, 1), (11, 1))


@dataclass(frozen=True, slots=True)
class CutOver:
    """A system's format takes the place of another.

    Attributes:
        gains: what only the new one carries.
        loses: what only the old one carried.
        read_until: the day from which the old one is not read any more, where one is known.
    """

    system: str
    adapter: str
    before: str
    after: str
    authorities: tuple[AuthorityKey, ...]
    gains: tuple[Capability, ...]
    loses: tuple[Capability, ...]
    read_until: date | None


@dataclass(frozen=True, slots=True)
class Staying:
    """A system that has nothing to change on a day of releases, and the format that stays."""

    system: str
    adapter: str
    version: str
    authorities: tuple[AuthorityKey, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day: who changes, and, where it is a day of releases, who does not."""

    on: date
    is_release: bool
    changing: tuple[CutOver, ...]
    staying: tuple[Staying, ...]


def calendar(table: RoutingTable, since: date) -> tuple[Day, ...]:
    """Every day after `since` on which a format changes, and the next two days of releases."""
    releases = set(_next_releases(since))
    cut_overs = {
        dated.since
        for system in table.systems.values()
        for _, dated in pairwise(system.formats)
        if dated.since > since
    }
    return tuple(_day(table, on, on in releases) for on in sorted(cut_overs | releases))


def _next_releases(since: date) -> Iterable[date]:
    days = (date(since.year + later, *day) for later in (0, 1) for day in _RELEASES)
    return [day for day in days if day > since][: len(_RELEASES)]


def _day(table: RoutingTable, on: date, is_release: bool) -> Day:
    changing, staying = [], []
    for name, system in sorted(table.systems.items()):
        served = _served(table, name)
        found = next(_changes(system, on), None)
        if found is not None:
            changing.append(_cut_over(system, *found, served))
        elif is_release and served and (stays := system.in_force(on)) is not None:
            staying.append(Staying(name, system.adapter, stays.version, served))
    return Day(on, is_release, tuple(changing), tuple(staying))


def _served(table: RoutingTable, system: str) -> tuple[AuthorityKey, ...]:
    return tuple(sorted(key for key, each in table.authorities.items() if each.system == system))


def _changes(system: System, on: date) -> Iterator[tuple[DatedFormat, DatedFormat]]:
    return (pair for pair in pairwise(system.formats) if pair[1].since == on)


def _cut_over(
    system: System, before: DatedFormat, after: DatedFormat, authorities: tuple[AuthorityKey, ...]
) -> CutOver:
    old, new = before.format.carries, after.format.carries
    # The format before the one in force is still read (RoutingTable.readable): until the next.
    later = [dated.since for dated in system.formats if dated.since > after.since]
    return CutOver(
        system=system.name,
        adapter=system.adapter,
        before=before.version,
        after=after.version,
        authorities=authorities,
        gains=tuple(sorted(new - old)),
        loses=tuple(sorted(old - new)),
        read_until=min(later, default=None),
    )
