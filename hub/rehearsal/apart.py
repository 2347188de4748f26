"""A rehearsal, or a comparison, in a process of its own, as its parent sees it.

Vendors' code never works in the hub's own process; nor does a table that somebody pasted, which may
be made to keep its reader busy for minutes. The child is given two texts and two days, no key and
no way to the store, and may take so much memory and time. What it rehearses with is made from the
model; what it answers is checked like all from outside.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import Discriminator, TypeAdapter

from hub.rehearsal.report import Report
from hub.workshop.process import Deadline, Ended, Process

__all__ = [
    "ANSWER",
    "ASK",
    "Answer",
    "Apart",
    "Ask",
    "Compared",
    "Days",
    "Progress",
    "Refused",
    "Rehearsed",
]

_CHILD: Final = "hub.rehearsal.child"
_TIME: Final = timedelta(minutes=10)
_MEGABYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Days:
    """By which days to rehearse; see `ways`."""

    on: date | None
    today: date


@dataclass(frozen=True, slots=True)
class Ask:
    """What to rehearse. `to_come`: the text of another table; without `days`, compare the two."""

    held: str
    to_come: str | None
    days: Days | None
    adapters: Mapping[str, str]
    megabytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many steps are done, and of how many."""

    done: int
    steps: int
    answer: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True)
class Refused:
    """The text is no routing table."""

    problems: tuple[str, ...]
    answer: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Compared:
    """What another table has that the one in force has not, one line for each change."""

    changes: tuple[str, ...]
    answer: Literal["compared"] = "compared"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The same, and what comes of it."""

    changes: tuple[str, ...]
    report: Report
    answer: Literal["rehearsed"] = "rehearsed"


Answer = Progress | Refused | Compared | Rehearsed

ASK: Final[TypeAdapter[Ask]] = TypeAdapter(Ask)
ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Annotated[Answer, Discriminator("answer")])


class Apart:
    """One such process; ask it in a thread that lives as long as the hub, and once.

    Args:
        adapters: those that are installed, by name, as `reference_to` names them.
        time: what the whole work may take.
        megabytes: what it may take of memory, in addition to the loaded adapters.
    """

    def __init__(
        self,
        adapters: Mapping[str, str],
        time: timedelta = _TIME,
        megabytes: int = _MEGABYTES,
    ) -> None:
        self._adapters = adapters
        self._time = time
        self._megabytes = megabytes
        self._process: Process | None = None
        self._stopped = False

    def compare(self, held: str, to_come: str) -> Refused | Compared:
        """Say what another table would change.

        Raises:
            Hung: it took longer than it may.
            Ended: it died, as for want of memory.
        """
        answer = self._asked(held, to_come, None, _nobody)
        if isinstance(answer, Rehearsed):
            raise Ended("an answer to another question")
        return answer

    def rehearse(
        self,
        held: str,
        to_come: str | None,
        days: Days,
        told: Callable[[Progress], None],
    ) -> Refused | Rehearsed:
        """Rehearse, and tell the progress from this thread.

        Raises:
            Hung: it took longer than it may.
            Ended: it was stopped, or died: of the vendors' code, or for want of memory.
        """
        answer = self._asked(held, to_come, days, told)
        if isinstance(answer, Compared):
            raise Ended("an answer to another question")
        return answer

    def stop(self) -> None:
        """End it, whatever it does; from another thread, and also before it began."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def _asked(
        self, held: str, to_come: str | None, days: Days | None, told: Callable[[Progress], None]
    ) -> Refused | Compared | Rehearsed:
        ask = Ask(held, to_come, days, self._adapters, self._megabytes)
        deadline = Deadline(self._time)
        process = self._process = Process(_CHILD)
        try:
            if self._stopped:
                process.kill()
            process.tell([ASK.dump_json(ask)], deadline)
            while isinstance(answer := _understood(process, process.hear(deadline)), Progress):
                told(answer)
            return answer
        finally:
            process.end()


def _nobody(progress: Progress) -> None:
    """A comparison is done at once."""


def _understood(process: Process, frame: list[bytes]) -> Answer:
    try:
        [said] = frame
        return ANSWER.validate_json(said)
    except ValueError:  # ValidationError is one as well
        raise process.nonsense() from None
