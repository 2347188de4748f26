"""The smallest pieces of an XAusländer document: one element, one code.

XAusländer's own elements are qualified; those of XInneres and of the header are not
(XAusländer 26.11, `elementFormDefault`). A code is only known together with its list.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from lxml import etree

from hub.model.codes import ForeignCode, code_list
from hub.xml import Element

__all__ = [
    "NAMESPACE",
    "Value",
    "bare_code",
    "code",
    "each",
    "foreign_code",
    "optional",
    "qualified",
    "root",
    "unqualified",
]

NAMESPACE: Final = "http://www.osci.de/xauslaender2611"

Value = str | bool | int | date
"""What an element can hold; a date is written as `xs:date`, a bool as `xs:boolean`."""


def root(name: str, attributes: dict[str, str]) -> Element:
    """The document's own element."""
    return etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={"xauslaender": NAMESPACE})


def qualified(parent: Element, name: str, value: Value | None = None) -> Element:
    """An element of XAusländer."""
    return _element(parent, f"{{{NAMESPACE}}}{name}", value)


def unqualified(parent: Element, name: str, value: Value | None = None) -> Element:
    """An element of XInneres or of the header."""
    return _element(parent, name, value)


def optional(parent: Element, name: str, value: Value | None) -> None:
    """An element of XAusländer, only where there is a value."""
    if value is not None:
        qualified(parent, name, value)


def each(parent: Element, name: str, values: Iterable[Value]) -> None:
    """One element of XAusländer per value."""
    for value in values:
        qualified(parent, name, value)


def code(element: Element, list_name: str, value: str) -> None:
    """Make `element` a code of a list that the hub keeps."""
    known = code_list(list_name)
    _listed(element, known.uri, known.version, value)


def foreign_code(parent: Element, name: str, value: ForeignCode | None) -> None:
    """An element of XAusländer with a code whose list the sender named; none without a code."""
    if value is not None:
        _listed(qualified(parent, name), value.list_uri, value.list_version, value.code)


def bare_code(element: Element, value: str) -> None:
    """Make `element` a code whose list and version the schema fixes."""
    unqualified(element, "code", value)


def _element(parent: Element, tag: str, value: Value | None) -> Element:
    element = etree.SubElement(parent, tag)
    if value is not None:
        element.text = _lexical(value)
    return element


def _lexical(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _listed(element: Element, uri: str, version: str, value: str) -> None:
    element.set("listURI", uri)
    element.set("listVersionID", version)
    unqualified(element, "code", value)
