"""What tells the versions of Alster apart: names, the form of dates, and which parts they have.

Everything else of the translation is the same for all versions and asks the dialect. The
names used in the code are those of version 3; a later version says which it renamed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.xml import Element

__all__ = ["GERMAN_TIME", "Dialect", "Value"]

GERMAN_TIME: Final = ZoneInfo("Europe/Berlin")

Value = str | bool | int | date | datetime | PartialDate
"""What an element can hold."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version of Alster's XML.

    Attributes:
        version: as routing.yaml names it.
        renamed: element of version 3 → its name here.
        yes: how a yes is written; `no` the opposite.
        write_partial: a date of which the end may be unknown.
        write_moment: a point in time.
        read_day: the opposite of writing a full date; ValueError where it is none.
        read_moment: a point in time as aware UTC; ValueError where it is none.
        has_procedure: whether an application begins with the block `Verfahren`.
        has_trust: whether a person says which of its fields come from a trusted identity.
    """

    version: str
    renamed: Mapping[str, str]
    yes: str
    no: str
    write_day: Callable[[date], str]
    write_partial: Callable[[PartialDate], str]
    write_moment: Callable[[datetime], str]
    read_day: Callable[[str], date]
    read_moment: Callable[[str], datetime]
    has_procedure: bool
    has_trust: bool

    @property
    def namespace(self) -> str:
        """Of every element."""
        return f"urn:alster:austausch:{self.version}"

    def tag(self, name: str) -> str:
        """The qualified name of an element that version 3 calls `name`."""
        return f"{{{self.namespace}}}{self.renamed.get(name, name)}"

    def root(self, name: str) -> Element:
        """The document's own element."""
        return etree.Element(self.tag(name), nsmap={None: self.namespace})

    def add(
        self, parent: Element, name: str, value: Value | None = None, **attributes: Value
    ) -> Element:
        """Append an element, empty without a value."""
        element = etree.SubElement(parent, self.tag(name))
        if value is not None:
            element.text = self._lexical(value)
        for attribute, said in attributes.items():
            element.set(attribute, self._lexical(said))
        return element

    def optional(self, parent: Element, name: str, value: Value | None) -> None:
        """Append an element only where there is a value."""
        if value is not None:
            self.add(parent, name, value)

    def code(self, parent: Element, name: str, value: ForeignCode | None) -> None:
        """Append a code whose list its sender named, where there is one."""
        if value is not None:
            self.add(parent, name, value.code, liste=value.list_uri, fassung=value.list_version)

    def _lexical(self, value: Value) -> str:
        match value:
            case bool():
                return self.yes if value else self.no
            case datetime():
                return self.write_moment(value)
            case date():
                return self.write_day(value)
            case PartialDate():
                return self.write_partial(value)
            case _:
                return str(value)
