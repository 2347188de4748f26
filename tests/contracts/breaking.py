"""What in a newer contract would break somebody who was written against the older one."""

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = frozenset({"description", "summary", "title", "examples", "default"})
"""Keywords that say something to people only."""


def breaking(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """The places where the new one is not the old one with something added.

    More is allowed: another optional field, kind, value, channel. Whatever else differs is a break,
    also where a closer look might find it harmless: that is for a person to say, by the version.
    """
    match old, new:
        case Mapping(), Mapping():
            yield from _mappings(old, new, place)
        case list(), list():
            if place.endswith("/required"):
                yield from (f"{place}: {name} is new" for name in new if name not in old)
            yield from (f"{place}: {each} is gone" for each in old if each not in new)
        case _ if old != new:
            yield f"{place}: was {old}, is {new}"


def _mappings(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, value in old.items():
        if place.endswith("/properties") or name not in WORDS:
            if name not in new:
                yield f"{place}/{name}: is gone"
            else:
                yield from breaking(value, new[name], f"{place}/{name}")
    if not place.endswith(("/properties", "/schemas", "/messages", "/channels", "/operations")):
        # A bound where there was none.
        yield from (
            f"{place}/{name}: is new"
            for name in new
            if name not in old and name in ("required", "enum", "pattern", "maxLength", "minLength")
        )
