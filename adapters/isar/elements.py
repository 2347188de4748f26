"""The smallest pieces of an Isar document: records, and their single values as attributes.

What belongs to a record once stands in its attributes, also where the hub has a record of its
own for it: `prefixed` tells such groups apart. What may come several times, and free text, are
child elements. What has no value is left out.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from lxml import etree

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.xml import Element

__all__ = [
    "NAMESPACE",
    "Value",
    "Values",
    "add",
    "add_each",
    "add_text",
    "lexical",
    "prefixed",
    "root",
]

NAMESPACE: Final = "urn:example:isar:2.1"

Value = str | bool | int | date | datetime | PartialDate | ForeignCode
"""What an attribute or element can hold."""

Values = dict[str, Value | None]
"""Attributes by name."""


def root(name: str, values: Mapping[str, Value | None]) -> Element:
    """The document's own element."""
    element = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})
    _set(element, values)
    return element


def add(
    parent: Element, name: str, values: Mapping[str, Value | None], text: str | None = None
) -> Element:
    """A record with those of its values that there are."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    _set(element, values)
    element.text = text
    return element


def add_text(parent: Element, name: str, text: str | None) -> None:
    """Free text, where there is any."""
    if text is not None:
        add(parent, name, {}, text)


def add_each(parent: Element, name: str, values: Iterable[str | int]) -> None:
    """One element for each value of a list."""
    for value in values:
        add(parent, name, {}, lexical(value))


def prefixed(prefix: str, values: Mapping[str, Value | None]) -> Values:
    """The same values under longer names: `firstName` becomes `agentFirstName`."""
    return {f"{prefix}{name[0].upper()}{name[1:]}": value for name, value in values.items()}


def lexical(value: Value) -> str:
    """The value as Isar spells it."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            utc = value.astimezone(UTC).replace(tzinfo=None)
            return f"{utc.isoformat(timespec='milliseconds')}Z"
        case date():
            return value.isoformat()
        case ForeignCode():
            return f"{value.list_uri}|{value.list_version}|{value.code}"
        case _:
            return str(value)  # a partial date: 1990, 1990-05, 1990-05-07 or unknown


def _set(element: Element, values: Mapping[str, Value | None]) -> None:
    for name, value in values.items():
        if value is not None:
            element.set(name, lexical(value))
