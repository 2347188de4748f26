"""Bytes that should be XML: `hub.xml`, and opening them to be edited."""

from collections.abc import Iterable

from hub.model.failure import PermanentFailure
from hub.stages.editing import applied, difference, editable
from hub.xml import RETURN_LIMITS, parse, serialise
from tests.fuzz.rule import well_said

ENCODINGS = frozenset({"UTF-8", "ISO-8859-1"})


def one(data: bytes) -> None:
    """A tree without DOCTYPE that is written as it was read, or a PermanentFailure."""
    try:
        root = parse(data, RETURN_LIMITS, encodings=ENCODINGS)
    except PermanentFailure as failure:
        well_said(failure)
    else:
        assert root.getroottree().docinfo.internalDTD is None
        written = serialise(root)
        assert serialise(parse(written, RETURN_LIMITS)) == written
    text = editable("return", data)
    difference("return", data, applied("return", data, text))


def seeds() -> Iterable[bytes]:
    """What a parser has to tell apart."""
    yield b'<?xml version="1.0" encoding="UTF-8"?><a b="c">\xc3\xa4<![CDATA[<]]>&#228;&lt;</a>'
    yield b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>'
    yield b'\xef\xbb\xbf<!-- x --><?y z?><a xmlns="u" xmlns:p="v"><p:b/></a>'
    yield b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'
    yield "<a/>".encode("utf-16")
    yield b'<?xml version="1.0" encoding="idna"?><a/>'
