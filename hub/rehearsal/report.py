"""What a rehearsal found, group by group: authorities for which it is the same."""

from dataclasses import dataclass
from datetime import date

from hub.model.identifiers import AuthorityKey

__all__ = ["Count", "Failure", "Group", "Lost", "Report", "Shaped", "Side", "XmlPlace"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages: of those that are owed, and of those that were made up."""

    owed: int
    generated: int


@dataclass(frozen=True, slots=True)
class Side:
    """By what was translated; without a format none could be."""

    system: str | None
    format: str | None
    on: date


@dataclass(frozen=True, slots=True)
class Failure:
    """A cause of failing that only one side has, shown by one message of `kinds`."""

    kinds: tuple[str, ...]
    cause: str
    sentence: str
    location: str | None
    count: Count


@dataclass(frozen=True, slots=True)
class Lost:
    """A field that newly gets lost or changed. `declared`: whatever the message."""

    field: str
    reason: str
    declared: bool
    count: Count


@dataclass(frozen=True, slots=True)
class XmlPlace:
    """An element or attribute that appears or vanishes; the root is left out of its path."""

    path: str
    count: Count


@dataclass(frozen=True, slots=True)
class Shaped:
    """An element or attribute whose value is written in another way."""

    path: str
    old: str
    new: str
    count: Count


@dataclass(frozen=True, slots=True)
class Group:
    """What would be new for these authorities. `compared`: messages that were translated twice."""

    authorities: tuple[AuthorityKey, ...]
    old: Side
    new: Side
    compared: Count
    fails: tuple[Failure, ...]
    lost: tuple[Lost, ...]
    possible: tuple[Failure, ...]
    appear: tuple[XmlPlace, ...]
    vanish: tuple[XmlPlace, ...]
    reshaped: tuple[Shaped, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing newly fails or gets lost."""
        return not self.fails and not self.lost


@dataclass(frozen=True, slots=True)
class Report:
    """The whole rehearsal. `opened`: contents that were opened; None if no store was asked."""

    holds: bool
    groups: tuple[Group, ...]
    unchanged: tuple[AuthorityKey, ...]
    opened: int | None
