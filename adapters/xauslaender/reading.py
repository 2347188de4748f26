"""Taking values out of a document from outside: each checked, each failure with its place.

A schema has already been satisfied, but a schema knows neither DIN SPEC 91379 nor the hub's
own bounds. A failure names the element's path and never what stands in it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree
from pydantic import TypeAdapter, ValidationError

from adapters.xauslaender.elements import NAMESPACE
from hub.model.failure import PermanentFailure
from hub.model.identifiers import ApplicationId, MessageUuid
from hub.model.text import LongText, Text
from hub.xml import Element

__all__ = [
    "application_id",
    "code",
    "content",
    "day",
    "find",
    "find_all",
    "line",
    "moment",
    "need",
    "optional",
    "path",
    "text",
    "time_of_day",
    "truth",
    "unqualified",
    "uuid",
]

T = TypeVar("T")

_BERLIN: Final = ZoneInfo("Europe/Berlin")
_LINE: Final[TypeAdapter[str]] = TypeAdapter(Text)
_TEXT: Final[TypeAdapter[str]] = TypeAdapter(LongText)
_APPLICATION_ID: Final[TypeAdapter[str]] = TypeAdapter(ApplicationId)


def find(parent: Element, name: str) -> Element | None:
    """The child of XAusländer called `name`, if there is one."""
    return parent.find(f"{{{NAMESPACE}}}{name}")


def find_all(parent: Element, name: str) -> list[Element]:
    """Every child of XAusländer called `name`."""
    return parent.findall(f"{{{NAMESPACE}}}{name}")


def need(parent: Element, name: str) -> Element:
    """The child of XAusländer called `name`; PermanentFailure `X001` without it."""
    return _there(find(parent, name), parent, name)


def unqualified(parent: Element, name: str) -> Element:
    """The descendant of XInneres at the path `name`; PermanentFailure `X001` without it."""
    return _there(parent.find(name), parent, name)


def optional(element: Element | None, take: Callable[[Element], T]) -> T | None:
    """What `take` makes of the element, or None without an element."""
    return None if element is None else take(element)


def path(element: Element) -> str:
    """Where an element stands, such as `OZG.RueckkanalFrage.130102/frage`."""
    names = [_local(element), *(_local(ancestor) for ancestor in element.iterancestors())]
    return "/".join(reversed(names))


def content(element: Element) -> str:
    """All text of an element: a comment may stand in its midst."""
    return str(element.xpath("string()"))


def text(element: Element) -> str:
    """Free text, in NFC."""
    return _text(element, _TEXT)


def line(element: Element) -> str:
    """A short text such as a name, in NFC."""
    return _text(element, _LINE)


def application_id(element: Element) -> str:
    """`antragsidentifikation`."""
    return _value(element, _APPLICATION_ID.validate_python, "an application id of the hub")


def uuid(element: Element) -> MessageUuid:
    """`UUID` of the header."""
    return MessageUuid(_value(element, UUID, "a UUID"))


def day(element: Element) -> date:
    """`Tagesdatum`."""
    return _value(element, date.fromisoformat, "a day")


def time_of_day(element: Element, on: date) -> time:
    """`xs:time`; where it names a zone, as the clocks in Germany show it on that day."""

    def local(lexical: str) -> time:
        at = time.fromisoformat(lexical)
        return at if at.tzinfo is None else datetime.combine(on, at).astimezone(_BERLIN).time()

    return _value(element, local, "a time of day")


def moment(element: Element) -> datetime:
    """`xs:dateTime` as aware UTC; without a zone it is German time."""

    def utc(lexical: str) -> datetime:
        at = datetime.fromisoformat(lexical)
        return (at if at.tzinfo else at.replace(tzinfo=_BERLIN)).astimezone(UTC)

    return _value(element, utc, "a point in time")


def code(element: Element) -> str:
    """The code in an element whose list the schema fixes."""
    return content(unqualified(element, "code")).strip()


def truth(lexical: str | None) -> bool:
    """`xs:boolean` of an attribute; absent means false."""
    return lexical is not None and lexical.strip() in {"true", "1"}


def _there(found: Element | None, parent: Element, name: str) -> Element:
    if found is None:
        raise PermanentFailure(
            "X001", "An element that must be there is missing.", location=f"{path(parent)}/{name}"
        )
    return found


def _text(element: Element, kind: TypeAdapter[str]) -> str:
    try:
        return kind.validate_python(content(element))
    except ValidationError as error:
        # pydantic's message names a rule or a code point; what stood there stays out of it.
        sentence = error.errors(include_url=False, include_input=False)[0]["msg"]
    raise PermanentFailure("text.not_allowed", f"{sentence}.", location=path(element))


def _value(element: Element, make: Callable[[str], T], what: str) -> T:
    try:
        return make(content(element).strip())
    except (ValueError, OverflowError):  # overflow: the first and last days of all, elsewhere
        pass
    raise PermanentFailure("value.not_allowed", f"This is not {what}.", location=path(element))


def _local(element: Element) -> str:
    return etree.QName(element).localname
