"""Taking values out of a document of the system: each checked, each failure with its place.

A schema has already been satisfied, but a schema knows neither DIN SPEC 91379 nor the hub's
own bounds. A failure names the place and never what stands there.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar
from uuid import UUID

from lxml import etree
from pydantic import TypeAdapter, ValidationError

from adapters.isar.elements import NAMESPACE
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
    "missing",
    "moment",
    "path",
    "text",
    "text_of",
    "time_of_day",
    "truth",
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


def path(element: Element, attribute: str | None = None) -> str:
    """Where something stands, such as `QuestionUpdate/Text` or `QuestionUpdate/@deadline`."""
    ancestors = [element, *element.iterancestors()]
    names = [str(etree.QName(each).localname) for each in reversed(ancestors)]
    return "/".join([*names, *([] if attribute is None else [f"@{attribute}"])])


def attribute(element: Element, name: str) -> str:
    """The attribute called `name`; PermanentFailure `X001` without it."""
    value = element.get(name)
    if value is None:
        raise missing(path(element, name))
    return value


def missing(where: str) -> PermanentFailure:
    """Something that the schema asks for is not there."""
    return PermanentFailure("X001", "Something that must be there is missing.", location=where)


def text(parent: Element, name: str) -> str | None:
    """The free text in the child `name`, in NFC, where there is one."""
    element = find(parent, name)
    return None if element is None else text_of(element)


def text_of(element: Element) -> str:
    """The free text in an element, in NFC."""
    return _text(element.text or "", _TEXT, path(element))


def line(element: Element, name: str) -> str | None:
    """The attribute as a short text in NFC, where it is given."""
    value = element.get(name)
    return None if value is None else _text(value, _LINE, path(element, name))


def application_id(element: Element, name: str) -> str | None:
    """The attribute as a case token, where it is given."""
    return _optional(element, name, _APPLICATION_ID.validate_python, "an application id of the hub")


def uuid(element: Element, name: str) -> MessageUuid:
    """The attribute as a UUID; it must be given."""
    value = attribute(element, name)
    return MessageUuid(_value(value, UUID, "a UUID", path(element, name)))


def day(element: Element, name: str) -> date | None:
    """The attribute as a day, where it is given."""
    return _optional(element, name, date.fromisoformat, "a day")


def time_of_day(element: Element, name: str) -> time | None:
    """The attribute as a time of day, where it is given."""
    return _optional(element, name, time.fromisoformat, "a time of day")


def moment(element: Element, name: str) -> datetime:
    """The attribute as a point in time, in UTC; it must be given, with its zone."""

    def utc(value: str) -> datetime:
        return datetime.fromisoformat(value).astimezone(UTC)

    return _value(attribute(element, name), utc, "a point in time", path(element, name))


def truth(element: Element, name: str) -> bool:
    """The attribute as true or false; absent means false."""
    return (element.get(name) or "").strip() in {"true", "1"}


def _optional(element: Element, name: str, make: Callable[[str], T], what: str) -> T | None:
    value = element.get(name)
    return None if value is None else _value(value, make, what, path(element, name))


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
