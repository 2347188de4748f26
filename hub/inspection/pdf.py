"""What in a PDF can act by itself: scripts, programs, other files, forms that send. Pure.

No parser: names are looked for that such things need, wherever they stand, also written with
`#xx`, and in object streams that are packed in the usual way. So a name that stands somewhere by
chance is flagged for nothing, and what cannot be seen is flagged as that: `encrypted`, or
`unsearched` where objects are packed otherwise, or are more than is unpacked here. Scripts that
need no name of these, such as those of a viewer's own faults, cannot be seen at all.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

__all__ = ["active_content"]

_UNSEARCHED: Final = "unsearched"
_TOO_MANY: Final = b""
_FLAGS: Final = {
    _TOO_MANY: _UNSEARCHED,
    b"JavaScript": "javascript",
    b"JS": "javascript",
    b"Launch": "launch",
    b"EmbeddedFile": "embedded_files",
    b"EmbeddedFiles": "embedded_files",
    b"RichMedia": "embedded_media",
    b"OpenAction": "open_action",
    b"AA": "open_action",
    b"SubmitForm": "sends_data",
    b"ImportData": "sends_data",
    b"XFA": "xfa_form",
    b"Encrypt": "encrypted",
}
_OBJECT_STREAM: Final = b"ObjStm"

_BEHIND: Final = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
_NAMES: Final = re.compile(
    rb"/(?:(JavaScript|JS(?=\s*[(<0-9])|Launch|EmbeddedFiles?|RichMedia|AA(?=\s*[<0-9])|SubmitForm"
    rb"|OpenAction(?=\s*[<0-9])|ImportData|XFA|Encrypt(?=\s*[<0-9])|ObjStm)"
    rb"|([A-Za-z]{0,20}#[0-9A-Fa-f]{2}(?:[A-Za-z]|#[0-9A-Fa-f]{2}){0,20}))" + _BEHIND
)
"""As they are, or escaped. A place to open at, `/OpenAction [...]`, does nothing."""

_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"stream\r?\n")
_USUALLY_PACKED: Final = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])" + _BEHIND)

_DICTIONARY: Final = 2048
"""Bytes before and behind the name of an object stream in which its dictionary stands."""

_MOST_UNPACKED: Final = 32 * 1024 * 1024
_UNPACKED_OF_ONE: Final = 8 * 1024 * 1024
_MOST_NAMES: Final = 20_000


def active_content(content: bytes) -> tuple[str, ...]:
    """The flags of a PDF, sorted; empty if there are none."""
    found: set[str] = set()
    streams = []
    for name, at in _names(content):
        if name == _OBJECT_STREAM:
            streams.append(at)
        else:
            found.add(_FLAGS[name])
    left = _MOST_UNPACKED
    for at in streams:
        objects = _unpacked(content, at, min(left, _UNPACKED_OF_ONE))
        left -= _UNPACKED_OF_ONE if objects is None else len(objects)
        if objects is None:
            found.add(_UNSEARCHED)
        else:
            found |= {_FLAGS[name] for name, _ in _names(objects) if name in _FLAGS}
        if left <= 0:
            found.add(_UNSEARCHED)
            break
    return tuple(sorted(found))


def _names(content: bytes) -> Iterator[tuple[bytes, int]]:
    """Those that mean something here, and where they stand."""
    for number, each in enumerate(_NAMES.finditer(content)):
        if number == _MOST_NAMES:
            yield _TOO_MANY, 0
            break
        plain, escaped = each.groups(b"")
        name = plain or _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), escaped)
        if name in _FLAGS or name == _OBJECT_STREAM:
            yield name, each.start()


def _unpacked(content: bytes, at: int, most: int) -> bytes | None:
    """The objects in the stream whose dictionary names it at `at`; None if they are not seen."""
    begin = _STREAM.search(content, at, at + _DICTIONARY)
    if begin is None:
        return None
    first = max(0, at - _DICTIONARY)
    dictionary = content[max(first, content.rfind(b"obj", first, at)) : begin.start()]
    if b"/Filter" not in dictionary and b"#" not in dictionary:
        return b""  # not packed: its names were seen where they stand
    if b"/DecodeParms" in dictionary or not _USUALLY_PACKED.search(dictionary):
        return None
    unpacking = zlib.decompressobj()
    try:
        # What is packed is hardly longer than what comes of it.
        packed = content[begin.end() : begin.end() + most]
        objects = unpacking.decompress(packed, most)
    except zlib.error:
        return None
    return objects if unpacking.eof else None
