"""How things stand, as plain values: what the overview shows, and what of it needs a person.

Decided here without a page, so that the command line, the API and the console say the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from hub.store import Parking, State, Unfinished

__all__ = ["Concern", "Picture", "Standing", "concerns"]

_LONG_OWED: Final = timedelta(hours=1)
_LONG_AWAITED: Final = timedelta(days=1)

Severity = Literal["bad", "warn"]


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should look at, in a sentence, and where to look."""

    severity: Severity
    sentence: str
    path: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the overview is made of, read at `at`.

    `balanced` is None as long as the ledger was never drawn up; `mends` are the problems of the
    routing or access file on disk that keep it from being in force.
    """

    at: datetime
    broker: bool
    unfinished: Sequence[Unfinished]
    dead: dict[str, int]
    parkings: Sequence[Parking]
    balanced: bool | None
    ledger_at: datetime | None
    broken_files: Sequence[str]

    def count(self, state: State) -> int:
        """Messages that stand so."""
        return sum(each.count for each in self.unfinished if each.state is state)

    def oldest(self, state: State) -> datetime | None:
        """Since when the oldest of them does."""
        return min((each.since for each in self.unfinished if each.state is state), default=None)


@dataclass(frozen=True, slots=True)
class Picture:
    """A stretch of time to draw, in steps."""

    name: str
    length: timedelta
    step: timedelta


def concerns(standing: Standing) -> tuple[Concern, ...]:
    """What needs a person, the worst first; empty if all is well."""
    found = _concerns(standing)
    return tuple(sorted(found, key=lambda concern: concern.severity != "bad"))


def _concerns(standing: Standing) -> Iterator[Concern]:
    if not standing.broker:
        yield Concern("bad", "The broker cannot be reached.", "/console/queues")
    if standing.balanced is False:
        yield Concern("bad", "The ledger does not balance.", "/console/ledger")
    for name in standing.broken_files:
        yield Concern(
            "bad", f"The {name} file is broken; the old one is in force.", "/console/routes"
        )
    if dead := sum(standing.dead.values()):
        yield Concern("bad", f"{_messages(dead)} for a decision.", "/console/dead")
    yield from _old(standing)
    yield from _parked(standing.parkings)


def _old(standing: Standing) -> Iterator[Concern]:
    owed, awaited = standing.oldest(State.OWED), standing.oldest(State.HANDED_OVER)
    if owed is not None and standing.at - owed > _LONG_OWED:
        yield Concern("warn", "A message is owed for more than an hour.", "/console/authorities")
    if awaited is not None and standing.at - awaited > _LONG_AWAITED:
        sentence = "A system took a message more than a day ago and never said if it accepted it."
        yield Concern("warn", sentence, "/console/authorities")


def _parked(parkings: Iterable[Parking]) -> Iterator[Concern]:
    if keys := [parking.authority for parking in parkings]:
        sentence = f"{len(keys)} {'authority is' if len(keys) == 1 else 'authorities are'} parked."
        yield Concern("warn", sentence, "/console/authorities")


def _messages(count: int) -> str:
    return f"{count} {'dead letter waits' if count == 1 else 'dead letters wait'}"
