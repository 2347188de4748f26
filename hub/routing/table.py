"""The table in force: finds the authority of a message and the route to its system.

Built once per file; a look-up costs the same for four authorities and for four hundred.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from hub.adapter import Adapter, Authority, Format
from hub.model.failure import PermanentFailure
from hub.model.identifiers import Ars, AuthorityKey, DirectoryKey
from hub.routing.entries import (
    AuthorityEntry,
    Endpoint,
    Problem,
    Route,
    RoutingError,
    SenderEntry,
    System,
)
from hub.routing.explain import differences, explanation
from hub.routing.reading import read

__all__ = ["RoutingTable"]

_PREFIX_LENGTHS: Final = (12, 9, 5, 3, 2)
"""Where the parts of a regional key end, the longest first."""


class RoutingTable:
    """Systems, authorities, senders, and what follows from them. Never changes."""

    systems: Mapping[str, System]
    authorities: Mapping[AuthorityKey, AuthorityEntry]
    senders: Mapping[DirectoryKey, SenderEntry]
    text: str
    """What it was read from, for another process to read again."""

    def __init__(
        self,
        systems: Mapping[str, System],
        authorities: Mapping[AuthorityKey, AuthorityEntry],
        senders: Mapping[DirectoryKey, SenderEntry],
        text: str,
    ) -> None:
        self.systems = MappingProxyType(dict(systems))
        self.authorities = MappingProxyType(dict(authorities))
        self.senders = MappingProxyType(dict(senders))
        self.text = text
        self._responsible = {
            prefix: entry for entry in authorities.values() for prefix in entry.regional_keys
        }
        self._shown_on = {
            origin: frozenset(key for key, entry in authorities.items() if origin in entry.pages)
            for origin in {each for entry in authorities.values() for each in entry.pages}
        }
        self._endpoints = {
            key: _endpoint(key, self.systems[entry.system]) for key, entry in authorities.items()
        }

    @classmethod
    def load(
        cls, path: Path, adapters: Mapping[str, Adapter], *, since: date | None = date.min
    ) -> Self:
        """Read the file at `path`; see `parse`.

        Raises:
            RoutingError: with all problems of the file.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise _unreadable(path, f"the file cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise _unreadable(path, "the file is not UTF-8; save it as UTF-8") from None
        return cls.parse(text, adapters, name=str(path), since=since)

    @classmethod
    def parse(
        cls,
        text: str,
        adapters: Mapping[str, Adapter],
        name: str = "routing.yaml",
        *,
        since: date | None = date.min,
    ) -> Self:
        """Read a text.

        Args:
            text: what the file says.
            adapters: those that are installed.
            name: stands before each problem.
            since: formats that hold no more from this day on need not carry what is offered;
                None where it is for the caller to find out what none of them carries.

        Raises:
            RoutingError: with all problems of the text.
        """
        return cls(*read(text, adapters, name, since), text)

    def find(self, *, authority: AuthorityKey | None, place: Ars | None) -> AuthorityEntry:
        """The authority with that key, or else the one responsible for that place.

        Raises:
            PermanentFailure: `authority.unknown`, `place.unknown`.
        """
        if authority is not None:
            return self._entry(authority)
        for length in _PREFIX_LENGTHS:
            if place is not None and (entry := self._responsible.get(place[:length])):
                return entry
        raise PermanentFailure(
            "place.unknown",
            "No authority in routing.yaml is responsible for this place.",
            location="place",
        )

    def named(self, text: str) -> AuthorityEntry | None:
        """The one authority that has exactly this key or name; None if none or several have it."""
        found = [entry for entry in self.authorities.values() if text in (entry.key, entry.name)]
        return found[0] if len(found) == 1 else None

    def shown_on(self, origin: str) -> frozenset[AuthorityKey]:
        """The authorities whose cases pages of that origin may show; none unless they name it."""
        return self._shown_on.get(origin, frozenset())

    def route(self, authority: AuthorityKey, service: str, on: date) -> Route:
        """The way of a message of that service on that day.

        Raises:
            PermanentFailure: `authority.unknown`, `service.not_offered`, `format.none_in_force`.
        """
        entry = self._entry(authority)
        if service not in entry.services:
            raise PermanentFailure(
                "service.not_offered",
                f"Authority {authority} does not offer the service {service}.",
                location="details.service",
            )
        adapter, version, format_ = self.format_in_force(authority, on)
        endpoint = self._endpoints[authority]
        return Route(
            authority=Authority(entry.key, entry.name),
            system=entry.system,
            adapter=adapter,
            version=version,
            format=format_,
            transport=endpoint.transport,
            endpoint=endpoint,
            back_channel=entry.back_channel,
        )

    def endpoint(self, authority: AuthorityKey) -> Endpoint:
        """Where and how the authority's system is reached.

        Raises:
            PermanentFailure: `authority.unknown`.
        """
        return self._endpoints[self._entry(authority).key]

    def format_in_force(self, authority: AuthorityKey, on: date) -> tuple[str, str, Format]:
        """Adapter, version and format that hold for an authority on that day.

        Raises:
            PermanentFailure: `authority.unknown`, `format.none_in_force`.
        """
        system = self._system(authority)
        dated = system.in_force(on)
        if dated is None:
            first = system.formats[0]
            raise PermanentFailure(
                "format.none_in_force",
                f"System {system.name} has no format on {on}:"
                f" the first, {first.version}, holds from {first.since}.",
                location="authority",
            )
        return system.adapter, dated.version, dated.format

    def readable(self, authority: AuthorityKey, on: date) -> tuple[str, ...]:
        """The versions in which the authority's system may write on that day.

        The one in force, the one before it, and those announced: old and new run side by side
        around the date (XAusländer releases, 1 May and 1 November).

        Raises:
            PermanentFailure: `authority.unknown`.
        """
        formats = self._system(authority).formats
        past = [dated.version for dated in formats if dated.since <= on]
        announced = [dated.version for dated in formats if dated.since > on]
        return (*past[::-1][:2], *announced)

    def explain(
        self,
        *,
        authority: AuthorityKey | None = None,
        place: Ars | None = None,
        service: str,
        on: date,
    ) -> str:
        """Why a message goes where it goes, in lines for a person."""
        try:
            entry = self.find(authority=authority, place=place)
        except PermanentFailure as failure:
            return f"{authority or place}: {failure.sentence}"
        system, endpoint = self.systems[entry.system], self._endpoints[entry.key]
        return explanation(entry, system, endpoint, place=place, service=service, on=on)

    def diff(self, other: Self) -> list[str]:
        """What is another in `other`, one line for each change; empty if nothing is."""
        return [
            *differences("system", self.systems, other.systems),
            *differences("authority", self.authorities, other.authorities),
            *differences("sender", self.senders, other.senders),
        ]

    def _entry(self, authority: AuthorityKey) -> AuthorityEntry:
        entry = self.authorities.get(authority)
        if entry is None:
            raise PermanentFailure(
                "authority.unknown",
                "No authority in routing.yaml has this key.",
                location="authority",
            )
        return entry

    def _system(self, authority: AuthorityKey) -> System:
        return self.systems[self._entry(authority).system]


def _unreadable(path: Path, sentence: str) -> RoutingError:
    return RoutingError(str(path), [Problem(1, sentence)])


def _endpoint(key: AuthorityKey, system: System) -> Endpoint:
    settings = {
        name: value.replace("{authority}", key) if isinstance(value, str) else value
        for name, value in system.settings.items()
    }
    return Endpoint(
        system.name, system.transport, system.stage, MappingProxyType(settings), system.limits
    )
