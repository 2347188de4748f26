"""From bytes to a tree and back, safe with documents from anywhere.

Any DOCTYPE is refused before the parser sees it, so there are no entities; size, depth and
number of elements are bounded while the tree grows. Comments and processing instructions
are dropped: a comment inside a name would otherwise cut the name in two.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from hub.model.failure import PermanentFailure

__all__ = ["RETURN_LIMITS", "Element", "Limits", "encoding_of", "parse", "serialise"]

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type of its elements

_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document is read.

    Attributes:
        max_bytes: of the document as it came; 80 MiB hold 50 MB of documents as base64.
        max_depth: elements inside each other; XAusländer needs about ten.
        max_elements: elements in all; each costs some hundred bytes of memory.
        huge_text: allow more than 9 MiB of text in one element (libxml2's own bound).
    """

    max_bytes: int = 80 * _MEBIBYTE
    max_depth: int = 64
    max_elements: int = 200_000
    huge_text: bool = False


_USUAL_LIMITS: Final = Limits()

RETURN_LIMITS: Final = Limits(max_bytes=16 * _MEBIBYTE, huge_text=True)
"""Of what systems bring: RabbitMQ 4 refuses more than 16 MiB. A document of 7 MB is one text of
more than 9 MiB; without DOCTYPE, and with depth and number of elements bounded while the tree
grows, such a text costs no more than its length."""

_ONLY_UTF_8: Final = frozenset({"UTF-8"})
_CHUNK_BYTES: Final = _MEBIBYTE // 4

_DECLARATION: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']"""
)
_NO_CHARSETS: Final = frozenset({"idna", "punycode"})
"""Codecs for names of hosts. What they need of time grows with the square of the length: a megabyte
that said it was `punycode` held up whoever read it for minutes."""

# Atomic groups: an unfinished comment must not be tried again from every other comment.
_DOCTYPE: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>(?:\s++|(?><\?.*?\?>)|(?><!--.*?-->))*+)<!DOCTYPE", re.DOTALL
)


def parse(
    data: bytes, limits: Limits = _USUAL_LIMITS, *, encodings: frozenset[str] = _ONLY_UTF_8
) -> Element:
    """Parse a document that may come from anywhere.

    Args:
        data: the document as it came.
        limits: what is too large and too deep.
        encodings: the encodings a document may have; XInneres allows UTF-8 only.

    Raises:
        PermanentFailure: `X000` not well-formed, `S001` not in an allowed encoding,
            `xml.doctype`, `xml.too_large`, `xml.too_deep`; located by line where known.
    """
    if len(data) > limits.max_bytes:
        raise _too_large(f"The document has more than {limits.max_bytes} bytes.")
    utf_8 = _as_utf_8(data, encodings)
    if _DOCTYPE.match(utf_8):
        raise PermanentFailure(
            "xml.doctype", "The document has a DOCTYPE, which is never accepted; leave it out."
        )
    return _grow(utf_8, limits)


def serialise(root: Element, encoding: str = "UTF-8") -> bytes:
    """Write a tree with XML declaration; the same tree gives the same bytes.

    What `encoding` cannot express becomes a character reference.
    """
    return etree.tostring(root, encoding=encoding, xml_declaration=True, with_tail=False)


def encoding_of(data: bytes) -> str | None:
    """The encoding that a document says it has, by the name of Python's codec; None if unknown."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in data[:4]:
        return None  # UTF-16 without a mark, or UTF-32
    declared = _DECLARATION.match(data[:300])
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name if declared else "utf-8"
    except LookupError:
        return None
    return None if name in _NO_CHARSETS else name


def _as_utf_8(data: bytes, encodings: frozenset[str]) -> bytes:
    encoding = encoding_of(data)
    allowed = {codecs.lookup(name).name for name in encodings}
    wanted = " or ".join(sorted(encodings))
    if encoding not in allowed:
        raise _wrong_encoding(f"The document is not encoded in {wanted}.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _wrong_encoding(
            f"A byte of the document is not {encoding.upper()}, though its encoding says so.",
            location=f"line {line}",
        ) from None
    except (LookupError, UnicodeError):  # a codec that is for something else than documents
        raise _wrong_encoding(f"The document is not encoded in {wanted}.") from None
    return data if encoding == "utf-8" else text.encode()


def _grow(utf_8: bytes, limits: Limits) -> Element:
    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="UTF-8",  # whatever the declaration says: it was decoded above
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=limits.huge_text,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    growth = _Growth(limits)
    try:
        for start in range(0, len(utf_8), _CHUNK_BYTES):
            parser.feed(utf_8[start : start + _CHUNK_BYTES])
            growth.watch(parser.read_events())
        return parser.close()
    except etree.XMLSyntaxError as error:
        growth.watch(parser.read_events())
        raise _unreadable(error) from None  # lxml's message may quote the document


class _Growth:
    """Counts while the tree grows, so that a bad document is dropped early."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._depth = 0
        self._elements = 0

    def watch(self, events: Iterable[tuple[str, Element]]) -> None:
        for event, element in events:
            if event == "end":
                self._depth -= 1
                continue
            self._depth += 1
            self._elements += 1
            if self._depth > self._limits.max_depth:
                raise PermanentFailure(
                    "xml.too_deep",
                    f"Elements lie more than {self._limits.max_depth} deep inside each other.",
                    location=f"line {element.sourceline}",
                )
            if self._elements > self._limits.max_elements:
                raise _too_large(f"The document has over {self._limits.max_elements} elements.")


def _unreadable(error: etree.XMLSyntaxError) -> PermanentFailure:
    line, column = error.position
    location = f"line {line}, column {column}" if line else None
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return _too_large("A single text or tag of the document is too long.", location)
    return PermanentFailure(
        "X000", "The document is not well-formed XML from this place on.", location=location
    )


def _too_large(sentence: str, location: str | None = None) -> PermanentFailure:
    return PermanentFailure("xml.too_large", sentence, location=location)


def _wrong_encoding(sentence: str, location: str | None = None) -> PermanentFailure:
    return PermanentFailure("S001", sentence, location=location)
