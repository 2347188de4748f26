"""Taking values out of a document of the system: each checked, each failure with its place.

A schema has already been satisfied, but a schema knows neither the calendar nor DIN SPEC 91379
nor the hub's own bounds. A failure names the element's path and never what stands in it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar
from uuid import UUID

from lxml import etree
from pydantic import TypeAdapter, ValidationError

from adapters.spree.elements import NAMESPACE
from hub.model.failure import PermanentFailure
from hub.model.identifiers import ApplicationId, MessageUuid
from hub.model.text import LongText, Text
from hub.xml import Element

__all__ = [
    "application_id",
    "attribute",
    "day",
    "find",
    "find_all",
    "line",
    "moment",
    "need",
    "optional",
    "path",
    "short",
    "text",
    "time_of_day",
    "uuid",
]

T = TypeVar("T")

_LINE: Final[TypeAdapter[str]] = TypeAdapter(Text)
_TEXT: Final[TypeAdapter[str]] = TypeAdapter(LongText)
_APPLICATION_ID: Final[TypeAdapter[str]] = TypeAdapter(ApplicationId)


def find(parent: Element, name: str) -> Element | None:
    """The child called `name`, if there is one."""
    return parent.find(f"{{{NAMESPACE}}}{name}")


def find_all(parent: Element, name: str) -> list[Element]:
    """Every child called `name`."""
    return parent.findall(f"{{{NAMESPACE}}}{name}")


def need(parent: Element, name: str) -> Element:
    """The child called `name`; PermanentFailure `X001` without it."""
    found = find(parent, name)
    if found is None:
        raise _missing(f"{path(parent)}/{name}")
    return found


def attribute(element: Element, name: str) -> str:
    """The attribute called `name`; PermanentFailure `X001` without it."""
    value = element.get(name)
    if value is None:
        raise _missing(f"{path(element)}/@{name}")
    return value


def path(element: Element) -> str:
    """Where an element stands, such as `Vorgang/Frage/Text`."""
    ancestors = [element, *element.iterancestors()]
    return "/".join(etree.QName(each).localname for each in reversed(ancestors))


def optional(element: Element | None, take: Callable[[Element], T]) -> T | None:
    """What `take` makes of the element, or None without an element."""
    return None if element is None else take(element)


def text(element: Element) -> str:
    """Free text, in NFC."""
    return _text(element.text or "", _TEXT, path(element))


def line(element: Element) -> str:
    """A short text such as a name, in NFC."""
    return _text(element.text or "", _LINE, path(element))


def short(element: Element, name: str) -> str | None:
    """The attribute as a short text, where it is given."""
    value = element.get(name)
    return None if value is None else _text(value, _LINE, f"{path(element)}/@{name}")


def application_id(element: Element) -> str:
    """The case token."""
    take = _APPLICATION_ID.validate_python
    return _value(element.text or "", take, "an application id of the hub", path(element))


def uuid(value: str, where: str) -> MessageUuid:
    """`Kennung`."""
    return MessageUuid(_value(value, UUID, "a UUID", where))


def day(element: Element, name: str) -> date | None:
    """The attribute as `TT.MM.JJJJ`, where it is given."""
    return _optional(element, name, lambda value: _clock(value, "%d.%m.%Y").date(), "a day")


def time_of_day(element: Element, name: str) -> time | None:
    """The attribute as `HH:MM`, where it is given."""
    return _optional(element, name, time.fromisoformat, "a time of day")


def moment(element: Element, name: str) -> datetime:
    """The attribute as `TT.MM.JJJJ HH:MM:SS +HHMM`, in UTC."""

    def utc(value: str) -> datetime:
        return datetime.strptime(value, "%d.%m.%Y %H:%M:%S %z").astimezone(UTC)

    where = f"{path(element)}/@{name}"
    return _value(attribute(element, name), utc, "a point in time", where)


def _clock(value: str, form: str) -> datetime:
    return datetime.strptime(value, form).replace(tzinfo=UTC)


def _optional(element: Element, name: str, make: Callable[[str], T], what: str) -> T | None:
    value = element.get(name)
    return None if value is None else _value(value, make, what, f"{path(element)}/@{name}")


def _missing(where: str) -> PermanentFailure:
    return PermanentFailure("X001", "Something that must be there is missing.", location=where)


def _text(value: str, kind: TypeAdapter[str], where: str) -> str:
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        # pydantic's message names a rule or a code point; what stood there stays out of it.
        sentence = error.errors(include_url=False, include_input=False)[0]["msg"]
    raise PermanentFailure("text.not_allowed", f"{sentence}.", location=where)


def _value(value: str, make: Callable[[str], T], what: str, where: str) -> T:
    try:
        return make(value.strip())
    except (ValueError, OverflowError):  # overflow: the first and last days of all, elsewhere
        pass
    raise PermanentFailure("value.not_allowed", f"This is not {what}.", location=where)
