"""What a routing table is made of: systems, authorities, and the route that follows from them.

Plain values, made only by reading a file that has no problems.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from hub.adapter import Authority, Format
from hub.model.conversation import Late
from hub.model.details import Service
from hub.model.failure import BrokenFile
from hub.model.identifiers import ArsPrefix, AuthorityKey, DirectoryKey

__all__ = [
    "AuthorityEntry",
    "DatedFormat",
    "Endpoint",
    "Limits",
    "Problem",
    "Route",
    "RoutingError",
    "SenderEntry",
    "Setting",
    "Stage",
    "System",
    "WhenNotCompetent",
]

Stage = Literal["test", "production"]
Setting = str | int | float | bool
WhenNotCompetent = Literal["operator", "forward"]
"""Who sends a submission on to the authority that is named as competent: a person, or the hub."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a system bears: deliveries at once per authority, attempts per message."""

    parallel: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how one authority's messages reach its system; `settings` are its transport's."""

    system: str
    transport: str
    stage: Stage
    settings: Mapping[str, Setting]
    limits: Limits


@dataclass(frozen=True, slots=True)
class DatedFormat:
    """A format and the day from which it holds, until the next one does."""

    version: str
    since: date
    format: Format


@dataclass(frozen=True, slots=True)
class System:
    """A vendor's product as installed for some authorities. `formats`: the oldest first."""

    name: str
    adapter: str
    formats: tuple[DatedFormat, ...]
    stage: Stage
    transport: str
    settings: Mapping[str, Setting]
    limits: Limits

    def in_force(self, on: date) -> DatedFormat | None:
        """The format that holds on that day."""
        return next((each for each in reversed(self.formats) if each.since <= on), None)

    def holding(self, since: date) -> tuple[DatedFormat, ...]:
        """The formats that hold on that day or on any later one."""
        first = self.in_force(since)
        return tuple(each for each in self.formats if each is first or each.since > since)


@dataclass(frozen=True, slots=True)
class AuthorityEntry:
    """One authority: what it is responsible for, its system, and what it offers.

    `late_replies`: what becomes of answers that come after the authority's deadline.
    `reminder_days`: so many days before the deadline of an open question its applicant is
    reminded; 0 is never. `pages`: origins whose pages may show its cases by `<application-status>`.
    """

    key: AuthorityKey
    name: str
    regional_keys: tuple[ArsPrefix, ...]
    system: str
    services: tuple[Service, ...]
    back_channel: bool
    late_replies: Late = "pass_on"
    reminder_days: int = 3
    when_not_competent: WhenNotCompetent = "operator"
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SenderEntry:
    """One online service that is known by who it is at the broker: its RabbitMQ users.

    `services`: of which it may send submissions.
    """

    key: DirectoryKey
    users: tuple[str, ...]
    services: tuple[Service, ...] = get_args(Service)


@dataclass(frozen=True, slots=True)
class Route:
    """Everything that is needed to translate a message and deliver it."""

    authority: Authority
    system: str
    adapter: str
    version: str
    format: Format
    transport: str
    endpoint: Endpoint
    back_channel: bool


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in one line of the file, and what to write instead."""

    line: int
    sentence: str


class RoutingError(BrokenFile, ValueError):
    """The file does not give a table; `problems` are all that were found, in its order."""

    def __init__(self, path: str, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems))
        super().__init__(
            "\n".join(f"{path}:{each.line}: {each.sentence}" for each in self.problems)
        )
