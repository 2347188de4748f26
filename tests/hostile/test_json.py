"""JSON nobody should send: refused by the hub with its reason, and the next message passes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub.stages.editing import applied, editable
from tests.builders import a_submission
from tests.hostile.conftest import Besieged

GOOD = a_submission(documents=1).model_dump_json()


def with_field(json_text: str) -> bytes:
    """The good message with one more field."""
    return (GOOD[:-1] + "," + json_text + "}").encode()


def changed(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1).encode()


def field(**fields: Any) -> bytes:
    return json.dumps(json.loads(GOOD) | fields).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "json.malformed"),
    "100,000 lists inside each other": (lambda: b"[" * 100_000, "json.malformed"),
    "5,000 objects inside each other": (
        lambda: with_field('"x":' + '{"x":' * 5_000 + "1" + "}" * 5_000),
        "json.malformed",
    ),
    "a field that stands twice": (
        lambda: with_field('"application_id":"AT-OTHER"'),
        "json.duplicate_name",
    ),
    "a field deep inside that stands twice": (
        lambda: changed('"family_name":{', '"family_name":{"text":"Other",'),
        "json.duplicate_name",
    ),
    "a field that stands twice under one name written in two ways": (
        lambda: with_field('"application\\u005fid":"AT-OTHER"'),
        "json.duplicate_name",
    ),
    "a size that is no number": (lambda: changed('"size":64', '"size":NaN'), "field.invalid"),
    "an endless size": (lambda: changed('"size":64', '"size":-Infinity'), "field.invalid"),
    "a number of 5,000 digits": (
        lambda: changed('"size":64', '"size":' + "9" * 5_000),
        "json.malformed",
    ),
    "half of a character": (lambda: changed("Musterstraße", "\\udc00"), "json.malformed"),
    "a zero byte": (lambda: changed("Musterstraße", "M\\u0000"), "field.invalid"),
    "a raw control character": (lambda: changed("Musterstraße", "M\x01"), "json.malformed"),
    "not UTF-8": (lambda: GOOD.encode().replace("ß".encode(), b"\xdf"), "json.malformed"),
    "UTF-16": (lambda: GOOD.encode("utf-16"), "json.malformed"),
    "something behind it": (lambda: GOOD.encode() + b"{}", "json.malformed"),
    "a list": (lambda: b"[" + GOOD.encode() + b"]", "field.invalid"),
    "a list for an id": (lambda: field(id=[1]), "field.invalid"),
    "a text for documents": (lambda: field(documents="all"), "field.invalid"),
    "the first moment of all": (
        lambda: field(created_at="0001-01-01T00:00:00+23:59"),
        "field.invalid",
    ),
    "the last moment of all": (
        lambda: field(created_at="9999-12-31T23:59:59-23:59"),
        "field.invalid",
    ),
    "a million values": (lambda: field(documents=[0] * 1_000_000), "json.too_large"),
    "thousands of mistakes": (lambda: field(documents=[{}] * 4_000), "field.invalid"),
    "more than the broker should take": (
        lambda: with_field('"x":"' + "x" * 17 * 1024 * 1024 + '"'),
        "json.too_large",
    ),
    "a name that would tell of a person": (
        lambda: with_field('"Erika Mustermann":1'),
        "field.invalid",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_refused_and_the_next_good_message_passes(
    besieged: Besieged, name: str
) -> None:
    make, cause = HOSTILE[name]
    refusal = await besieged.refused(make())
    assert refusal["cause"] == cause
    said = f"{refusal['sentence']}{refusal['location']}"
    assert len(said) < 500
    assert "Erika" not in said
    assert "Muster" not in said
    await besieged.good_passes()


@pytest.mark.parametrize("name", HOSTILE)
def test_its_dead_letter_can_be_opened_to_be_edited(name: str) -> None:
    body = HOSTILE[name][0]()
    assert isinstance(applied("submission", body, editable("submission", body)), bytes)


@pytest.mark.parametrize("encoding", ["hex", "idna", "undefined", "utf-7", "punycode", "no-such"])
def test_so_can_xml_in_an_encoding_that_is_none(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><a>+ADw-\xff</a>'.encode("latin-1")
    assert isinstance(applied("return", body, editable("return", body) + "ä中"), bytes)
