"""What the examination of one version of an adapter found: plain data, to be printed or kept.

A fault says what does not hold, where, and with which message; it is written for the person
who has to change the adapter, and needs no traceback. All examples in it are synthetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

__all__ = ["PROMISES", "Fault", "Outcome", "Property", "Refusal", "Report", "Row", "Timing"]


class Property(StrEnum):
    """What has to hold of an adapter."""

    LOADED = "loaded"
    ANSWERS = "answers"
    VALID = "valid"
    SAME = "same"
    CARRIED = "carried"
    APART = "apart"
    CODES = "codes"
    TEXTS = "texts"
    EXAMPLES = "examples"
    READ = "read"
    HOSTILE = "hostile"


PROMISES: Final[Mapping[Property, str]] = {
    Property.LOADED: "it can be loaded, and its schemas compile",
    Property.ANSWERS: "every call is answered: nothing raises, hangs, ends or eats memory",
    Property.VALID: "every written document is valid against its schemas",
    Property.SAME: "the same message always gives the same bytes",
    Property.CARRIED: "every field is carried, or declared lost with a reason",
    Property.APART: "no two fields can be exchanged without a trace",
    Property.CODES: "every code of a list is written, and no two alike",
    Property.TEXTS: "texts arrive letter by letter up to the longest, or the change is reported",
    Property.EXAMPLES: "golden examples are written as they stand there",
    Property.READ: "golden updates are read as they stand there, one for every kind",
    Property.HOSTILE: "hostile updates are refused with a meaning",
}


class Outcome(StrEnum):
    """What becomes of a field."""

    CARRIED = "carried"
    CHANGED = "changed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold.

    Attributes:
        property: what does not hold.
        sentence: what was found, and what to do.
        subjects: services and kinds of message with which it was found.
        field: the field of the model it is about.
        element: the element of the XML it is about.
        line: the line of the document or file, as people would write it.
        example: what stands there, or the smallest message that shows it, as JSON.
    """

    property: Property
    sentence: str
    subjects: tuple[str, ...] = ()
    field: str | None = None
    element: str | None = None
    line: int | None = None
    example: str | None = None

    def __str__(self) -> str:
        """The fault in a few lines, for a terminal or a failed test."""
        subject = f"{self.field}: {self.sentence}" if self.field else self.sentence
        told = self.element is not None and self.element in self.sentence
        where = [f"at {self.element}"] if self.element and not told else []
        where += [f"line {self.line}"] if self.line and not told else []
        where += [f"found with {', '.join(self.subjects)}"] if self.subjects else []
        return "\n".join([subject, *([f"  {', '.join(where)}"] if where else []), *self._example()])

    def _example(self) -> list[str]:
        lines = self.example.splitlines() if self.example else []
        # A whole message is for the JSON report; a line of the document says something here.
        return [f"  {lines[0]}"] if len(lines) == 1 else []


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the model in the table of the mapping.

    Attributes:
        field: such as `submission.details.person.birth.place`; `*` is any item of a list.
        outcome: lost, if it is lost anywhere.
        places: the elements where it stands in the XML.
        reason: why it is lost, as declared; or how it was changed, as reported.
        carried_by, lost_by: services and kinds of message.
    """

    field: str
    outcome: Outcome
    places: tuple[str, ...]
    reason: str | None
    carried_by: tuple[str, ...]
    lost_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that the model allows and the format refuses to write."""

    subject: str
    field: str
    cause: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Processor time of one function for one kind of message; `slowest_example` says which."""

    function: str
    subject: str
    documents: int
    median: timedelta
    slowest: timedelta
    slowest_example: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found; it holds if there are no faults."""

    adapter: str
    version: str
    faults: tuple[Fault, ...]
    checked: Mapping[Property, int]
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    timings: tuple[Timing, ...]
    duration: timedelta

    @property
    def holds(self) -> bool:
        """Whether everything holds."""
        return not self.faults

    def faults_of(self, property_: Property) -> tuple[Fault, ...]:
        """What was found against one property."""
        return tuple(fault for fault in self.faults if fault.property is property_)
