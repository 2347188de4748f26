"""What an authority is to a table on a day: its system, its format, what it offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.adapter import Capability, Format
from hub.model.details import Service
from hub.model.identifiers import AuthorityKey
from hub.rehearsal.corpus import subjects_of
from hub.rehearsal.outcomes import Way
from hub.rehearsal.report import Side

__all__ = ["Standing", "standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Authorities of which this is equal are translated alike, but for their names.

    Nothing is set where the table does not know the authority, no `version` where its system
    has no format on that day.
    """

    way: Way
    system: str | None = None
    stage: str | None = None
    adapter: str | None = None
    version: str | None = None
    services: tuple[Service, ...] = ()
    back_channel: bool = False
    format: Format | None = field(default=None, compare=False)

    @property
    def lost(self) -> Mapping[str, str]:
        """What its format declares lost."""
        return {} if self.format is None else self.format.lost

    @property
    def side(self) -> Side:
        """For the report."""
        name = None if self.version is None else f"{self.adapter} {self.version}"
        return Side(self.system, name, self.way.on)

    @property
    def subjects(self) -> tuple[Capability, ...]:
        """What it would be given."""
        return subjects_of(self.services, back_channel=self.back_channel)

    def carries(self, subject: Capability) -> bool:
        """Whether a message about `subject` would be written."""
        return (
            self.format is not None and subject in self.subjects and subject in self.format.carries
        )

    def translates_like(self, other: "Standing") -> bool:
        """Whether every message becomes the same by both, whatever the days."""
        return (self.stage, self.adapter, self.version, self.services, self.back_channel) == (
            other.stage,
            other.adapter,
            other.version,
            other.services,
            other.back_channel,
        )


def standing(way: Way, authority: AuthorityKey) -> Standing:
    """How the authority stands by that table on that day."""
    entry = way.table.authorities.get(authority)
    if entry is None:
        return Standing(way)
    system = way.table.systems[entry.system]
    dated = system.in_force(way.on)
    return Standing(
        way,
        system.name,
        system.stage,
        system.adapter,
        None if dated is None else dated.version,
        entry.services,
        entry.back_channel,
        None if dated is None else dated.format,
    )
