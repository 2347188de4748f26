"""Routes in words: why a message goes where it goes, and what a new file would change."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date

from hub.model.identifiers import Ars
from hub.routing.entries import (
    AuthorityEntry,
    DatedFormat,
    Endpoint,
    Limits,
    SenderEntry,
    System,
)

__all__ = ["differences", "explanation"]

_Entry = System | AuthorityEntry | SenderEntry


def explanation(
    entry: AuthorityEntry,
    system: System,
    endpoint: Endpoint,
    *,
    place: Ars | None,
    service: str,
    on: date,
) -> str:
    """The route of one authority, one decision per line."""
    lines = [
        f"authority   {entry.key} {entry.name}",
        f"found by    {_found_by(entry, place)}",
        f"service     {service}: {'offered' if service in entry.services else 'NOT offered'}",
        f"system      {system.name} ({system.stage})",
        f"format      {_in_force(system, on)}",
        *(f"            then {_dated(each)}" for each in system.formats if each.since > on),
        f"transport   {system.transport} to {_place(endpoint)}",
        f"limits      {_shown(system.limits)}",
        f"answers     {'go up to the applicant' if entry.back_channel else 'NO back-channel'}",
    ]
    return "\n".join(lines)


def differences(
    kind: str,
    old: Mapping[str, _Entry],
    new: Mapping[str, _Entry],
) -> Iterator[str]:
    """One line for each entry that came, went or changed, by name."""
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{kind} {name}: removed"
        elif name not in old:
            yield f"{kind} {name}: added"
        else:
            yield from _changes(f"{kind} {name}", old[name], new[name])


def _found_by(entry: AuthorityEntry, place: Ars | None) -> str:
    if place is None:
        return "its key"
    matching = [prefix for prefix in entry.regional_keys if place.startswith(prefix)]
    return f"regional key {max(matching, key=len)}, the longest beginning of {place}"


def _in_force(system: System, on: date) -> str:
    dated = system.in_force(on)
    if dated is None:
        return f"of adapter {system.adapter}: NONE in force on {on}"
    return f"{_dated(dated)}, of adapter {system.adapter}, in force on {on}"


def _changes(what: str, old: _Entry, new: _Entry) -> Iterator[str]:
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield f"{what}: {field.name} {_shown(before)} → {_shown(after)}"


def _shown(value: object) -> str:
    if isinstance(value, DatedFormat):
        return _dated(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(each) for each in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_shown(each)}' for name, each in value.items())}}}"
    if isinstance(value, Limits):
        return f"{value.parallel} at once, {value.attempts} attempts"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _dated(dated: DatedFormat) -> str:
    return f"{dated.version} from {dated.since}"


def _place(endpoint: Endpoint) -> str:
    settings = endpoint.settings
    named = (f"{name} {value}" for name, value in settings.items())
    return str(settings["url"]) if "url" in settings else ", ".join(named)
