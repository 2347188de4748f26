"""Finds what belongs to a sample applicant in bytes where it must not be.

Values are looked for as they are, and as JSON, XML, percent-encoding or base64 would carry them;
base64 at each of its three alignments, for a value may stand in the middle of what was encoded.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date
from html import escape
from typing import Literal, get_origin
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.model.document import Document
from hub.model.downward import Downward, Reply, Submission

__all__ = ["Scanner", "private_values"]

_SHORTEST = 5
"""Characters; shorter ones, such as house numbers, occur anywhere."""

_SHORTEST_NUMBER = 8

_PIECE = 48
"""Bytes of a document that are enough to know it by."""

_PUBLIC = {"application_date", "related_applications"}
"""Fields of the details that the journey may name."""


def private_values(message: Downward) -> set[bytes]:
    """Everything in a message that says who the applicant is, or what they sent."""
    texts: set[str] = set()
    if isinstance(message, Submission):
        texts |= set(_texts(message.details)) | {message.azr_number or ""}
        if message.mailbox is not None:
            texts.add(message.mailbox.account)
    if isinstance(message, Reply) and message.text is not None:
        texts.add(message.text)
    texts |= {document.file_name or "" for document in message.documents}
    # Lines as well: what writes a text may break it at their ends.
    lines = {line.strip() for text in texts for line in (text, *text.splitlines())}
    pieces = {piece for document in message.documents for piece in _pieces(document)}
    return {line.encode() for line in lines if _is_telling(line)} | pieces


class Scanner:
    """Knows what must not be found, in every guise."""

    def __init__(self, values: Iterable[bytes]) -> None:
        self._needles = {guise: value for value in values for guise in _guises(value)}

    def found_in(self, haystack: bytes) -> list[str]:
        """The values that are in there; the samples are invented and may be shown."""
        found = {value for needle, value in self._needles.items() if needle in haystack}
        return sorted(value.decode("utf-8", "backslashreplace") for value in found)


def _is_telling(text: str) -> bool:
    # The samples' postcodes, such as 00001, are part of many a number.
    return len(text) >= (_SHORTEST_NUMBER if text.isdecimal() else _SHORTEST)


def _texts(value: object) -> Iterator[str]:
    match value:
        case ForeignCode():
            return
        case PartialDate(year=int(year), month=int(month), day=int(day)):
            yield from _texts(date(year, month, day))
        case BaseModel():
            for name, field in type(value).model_fields.items():
                # Words of the model itself, such as `building`, are nobody's.
                if name not in _PUBLIC and get_origin(field.annotation) is not Literal:
                    yield from _texts(getattr(value, name))
        case tuple():
            for each in value:
                yield from _texts(each)
        case date():
            yield from (value.isoformat(), f"{value:%d.%m.%Y}", f"{value:%Y%m%d}")
        case str():
            yield value
        case _:
            return


def _pieces(document: Document) -> Iterator[bytes]:
    """From the middle and the end; files of one kind begin alike."""
    content = document.content or b""
    middle = len(content) // 2
    yield from (content[middle : middle + _PIECE], content[-_PIECE:])


def _guises(value: bytes) -> Iterator[bytes]:
    yield value
    yield quote(value, safe="").encode()
    yield quote_plus(value).encode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value)
        # The first and last characters depend on what stands beside the value.
        first, last = -(-before * 8 // 6), (before + len(value)) * 8 // 6
        yield encoded[first:last]
        yield encoded[first:last].replace(b"+", b"-").replace(b"/", b"_")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode()
    yield escape(text).encode()
    yield text.encode("ascii", "xmlcharrefreplace")
