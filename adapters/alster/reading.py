"""Taking values out of a document from outside: each checked, each failure with its place.

A schema has already been satisfied, but a schema knows neither DIN SPEC 91379 nor the hub's
own bounds. A failure names the element's path and never what stands in it.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final, TypeVar
from uuid import UUID

from lxml import etree
from pydantic import TypeAdapter, ValidationError

from adapters.alster.dialect import Dialect
from hub.model.failure import PermanentFailure
from hub.model.identifiers import ApplicationId, MessageUuid
from hub.model.text import LongText, Text
from hub.xml import Element

__all__ = ["Page", "path"]

T = TypeVar("T")

_LINE: Final[TypeAdapter[str]] = TypeAdapter(Text)
_TEXT: Final[TypeAdapter[str]] = TypeAdapter(LongText)
_APPLICATION_ID: Final[TypeAdapter[str]] = TypeAdapter(ApplicationId)


class Page:
    """One element of a document, whose children are read by their names in version 3."""

    def __init__(self, dialect: Dialect, element: Element) -> None:
        self.element = element
        self._dialect = dialect

    def find(self, name: str) -> "Page | None":
        """The child `name`, if there is one."""
        found = self.element.find(self._dialect.tag(name))
        return None if found is None else Page(self._dialect, found)

    def find_all(self, name: str) -> "list[Page]":
        """Every child `name`."""
        found = self.element.findall(self._dialect.tag(name))
        return [Page(self._dialect, element) for element in found]

    def need(self, name: str) -> "Page":
        """The child `name`; PermanentFailure `X001` without it."""
        if (found := self.find(name)) is None:
            raise PermanentFailure(
                "X001",
                "An element that must be there is missing.",
                location=f"{path(self.element)}/{etree.QName(self._dialect.tag(name)).localname}",
            )
        return found

    def optional(self, name: str, take: "Callable[[Page], T]") -> T | None:
        """What `take` makes of the child `name`, or None without it."""
        found = self.find(name)
        return None if found is None else take(found)

    def content(self) -> str:
        """All text of the element."""
        return str(self.element.xpath("string()"))

    def text(self) -> str:
        """Free text, in NFC."""
        return self._text(_TEXT)

    def line(self) -> str:
        """A short text such as a name, in NFC."""
        return self._text(_LINE)

    def code(self) -> str:
        """A code; the model checks it against its list."""
        return self.content().strip()

    def application_id(self) -> str:
        """`Aktenzeichen`."""
        return self._value(_APPLICATION_ID.validate_python, "an application id of the hub")

    def uuid(self) -> MessageUuid:
        """A message's UUID."""
        return MessageUuid(self._value(UUID, "a UUID"))

    def day(self) -> date:
        """A full date in the form of the version."""
        return self._value(self._dialect.read_day, "a day")

    def moment(self) -> datetime:
        """A point in time as aware UTC."""
        return self._value(self._dialect.read_moment, "a point in time")

    def time_of_day(self) -> time:
        """A time such as 10:30, as the clocks in Germany show it."""
        return self._value(time.fromisoformat, "a time of day")

    def truth(self) -> bool:
        """A yes or no in the form of the version."""
        return self.content().strip() == self._dialect.yes

    def _text(self, kind: TypeAdapter[str]) -> str:
        try:
            return kind.validate_python(self.content())
        except ValidationError as error:
            # pydantic's message names a rule or a code point; what stood there stays out of it.
            sentence = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise PermanentFailure("text.not_allowed", f"{sentence}.", location=path(self.element))

    def _value(self, make: Callable[[str], T], what: str) -> T:
        try:
            return make(self.content().strip())
        except (ValueError, OverflowError):
            pass
        raise PermanentFailure(
            "value.not_allowed", f"This is not {what}.", location=path(self.element)
        )


def path(element: Element) -> str:
    """Where an element stands, such as `Rueckmeldung/Rueckfrage/Text`."""
    names = [etree.QName(each).localname for each in (element, *element.iterancestors())]
    return "/".join(reversed(names))
