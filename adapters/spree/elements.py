"""The smallest pieces of a Spree document: one element, one value, as Spree spells it.

Days are TT.MM.JJJJ, what is unknown of one is 00, truth is J or N. An element or attribute
without a value is left out.
"""

from datetime import date, datetime
from typing import Final

from lxml import etree

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.xml import Element

__all__ = ["NAMESPACE", "Value", "add", "add_code", "add_each", "add_text", "lexical", "root"]

NAMESPACE: Final = "urn:beispiel:spree:1"

Value = str | bool | int | date | datetime | PartialDate
"""What an element or attribute can hold."""


def root(name: str, **attributes: Value | None) -> Element:
    """The document's own element."""
    element = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})
    _attributes(element, attributes)
    return element


def add(
    parent: Element, name: str, text: Value | None = None, /, **attributes: Value | None
) -> Element:
    """An element with those of the attributes that have a value."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text is not None:
        element.text = lexical(text)
    _attributes(element, attributes)
    return element


def add_text(parent: Element, name: str, text: Value | None) -> None:
    """An element, only where there is a value."""
    if text is not None:
        add(parent, name, text)


def add_each(parent: Element, name: str, values: tuple[str, ...] | tuple[int, ...]) -> None:
    """One element for each value."""
    for value in values:
        add(parent, name, value)


def add_code(parent: Element, name: str, value: ForeignCode | None) -> None:
    """A code whose list its sender named; none without a code."""
    if value is not None:
        add(parent, name, value.code, liste=value.list_uri, fassung=value.list_version)


def lexical(value: Value) -> str:
    """The value as Spree spells it."""
    match value:
        case str():
            return value
        case bool():
            return "J" if value else "N"
        case datetime():
            return f"{_day(value)} {value:%H:%M:%S %z}"
        case date():
            return _day(value)
        case PartialDate():
            return f"{value.day or 0:02}.{value.month or 0:02}.{value.year or 0:04}"
        case _:
            return str(value)


def _attributes(element: Element, attributes: dict[str, Value | None]) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, lexical(value))


def _day(value: date) -> str:
    return f"{value.day:02}.{value.month:02}.{value.year:04}"
