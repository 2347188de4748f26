"""XML nobody should send: a dead letter with its cause, and the next update becomes a letter."""

import codecs
import re
from collections.abc import Callable

import pytest

from hub.model.downward import Submission
from hub.sandbox.script import Answer
from hub.store import dead_letters
from tests.hostile.conftest import Besieged
from tests.way.system import Received

SECRET = "Geheim"


def inside(document: bytes, content: bytes) -> bytes:
    """The document with something at its end."""
    begin, end, rest = document.rpartition(b"</")
    return begin + content + end + rest


def before(document: bytes, content: bytes) -> bytes:
    """The document with something between declaration and root."""
    declaration, end, rest = document.partition(b"?>")
    return declaration + end + content + rest


def encoded(document: bytes, *, said: str, truly: str, mark: bytes = b"") -> bytes:
    text = document.decode().replace("UTF-8", said, 1)
    return mark + text.encode(truly)


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)

HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a DOCTYPE": (lambda d: before(d, b"<!DOCTYPE x>"), "xml.doctype"),
    "a DOCTYPE in lower case": (lambda d: before(d, b"<!doctype x>"), "X000"),
    "a file as an entity": (
        lambda d: inside(
            before(d, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'), b"&e;"
        ),
        "xml.doctype",
    ),
    "an address as an entity": (
        lambda d: inside(before(d, b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'), b"&e;"),
        "xml.doctype",
    ),
    "a billion laughs": (
        lambda d: inside(before(d, b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>"), b"&l9;"),
        "xml.doctype",
    ),
    "an entity nobody declared": (lambda d: inside(d, b"&Geheim;"), "X000"),
    "an entity behind an instruction": (
        lambda d: before(d, b'<?x <!-- ?><!DOCTYPE x [<!ENTITY e "x">]>'),
        "xml.doctype",
    ),
    "10,000 elements inside each other": (
        lambda d: inside(d, b"<n>" * 10_000 + b"</n>" * 10_000),
        "X000|xml.too_deep|xml.too_large",
    ),
    "300,000 elements": (lambda d: inside(d, b"<n/>" * 300_000), "xml.too_large"),
    "100,000 attributes": (
        lambda d: inside(
            d, b"<n " + b" ".join(b'a%d=""' % number for number in range(100_000)) + b"/>"
        ),
        "X001|xml.too_large",
    ),
    "100,000 namespaces": (
        lambda d: inside(
            d, b"<n " + b" ".join(b'xmlns:a%d="u"' % number for number in range(100_000)) + b"/>"
        ),
        "X001|xml.too_large",
    ),
    "more than 16 MiB": (lambda d: inside(d, b" " * 17 * 1024 * 1024), "xml.too_large"),
    "UTF-16": (lambda d: encoded(d, said="UTF-16", truly="utf-16"), "S001"),
    "UTF-16 that says it is UTF-8": (lambda d: encoded(d, said="UTF-8", truly="utf-16"), "S001"),
    "UTF-32": (lambda d: encoded(d, said="UTF-32", truly="utf-32"), "S001"),
    "UTF-7": (lambda d: encoded(d, said="UTF-7", truly="utf-7"), "S001"),
    "Latin-1": (lambda d: encoded(d, said="ISO-8859-1", truly="latin-1"), "S001"),
    "Latin-1 that says it is UTF-8": (
        lambda d: inside(d, b"\xe4\xf6"),
        "S001",
    ),
    "the mark of UTF-16 before UTF-8": (
        lambda d: encoded(d, said="UTF-8", truly="utf-8", mark=codecs.BOM_UTF16_LE),
        "S001",
    ),
    "two marks of UTF-8": (
        lambda d: encoded(d, said="UTF-8", truly="utf-8", mark=codecs.BOM_UTF8 * 2),
        "X000",
    ),
    "a codec that is no encoding": (lambda d: encoded(d, said="hex", truly="utf-8"), "S001"),
    "a zero byte": (lambda d: inside(d, b"\x00"), "X000"),
    "a control character": (lambda d: inside(d, b"\x08"), "X000"),
    "a control character by number": (lambda d: inside(d, b"&#8;"), "X000"),
    "half of a character by number": (lambda d: inside(d, b"&#xD800;"), "X000"),
    "another namespace under the same prefix": (
        lambda d: d.replace(b"xauslaender2611", b"xauslaender9999"),
        "X001",
    ),
    "no namespace": (lambda d: re.sub(rb' xmlns:xauslaender="[^"]*"', b"", d), "X000"),
    "an element of the same name of nobody's": (
        lambda d: inside(d, b'<antragsidentifikation xmlns="">Geheim</antragsidentifikation>'),
        "X001",
    ),
    "XInclude": (
        lambda d: inside(
            d,
            b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/hostname"'
            b' parse="text"/>',
        ),
        "X001",
    ),
    "a schema of its own": (
        lambda d: d.replace(
            b" xmlns:xauslaender=",
            b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Geheim"'
            b' i:noNamespaceSchemaLocation="http://127.0.0.1:1/x.xsd" xmlns:xauslaender=',
            1,
        ),
        "X001",
    ),
    "nothing": (lambda _: b"", "X000"),
    "half of it": (lambda d: d[: len(d) // 2], "X000"),
    "two documents": (lambda d: d + d, "X000"),
    "JSON": (lambda _: b'{"a": 1}', "X000"),
}


@pytest.fixture(scope="module")
async def addressed(besieged: Besieged) -> tuple[Submission, Received]:
    """A case that waits for letters."""
    submission = await besieged.good_passes()
    [received] = await besieged.world.system.wait_for(1)
    return submission, received


@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_a_dead_letter_and_the_next_good_one_becomes_a_letter(
    besieged: Besieged, addressed: tuple[Submission, Received], name: str
) -> None:
    world, (submission, received) = besieged.world, addressed
    make, causes = HOSTILE[name]
    known = {letter.id for letter in await world.hub.store.read(dead_letters)}
    letters = len(await world.letters(submission.id))
    good = await world.written(Answer("status", status="01"), received)
    await world.post(make(good))
    await world.post(await world.written(Answer("status", status="01"), received))
    dead = await world.until_dead(len(known) + 1)
    [found] = [each for each in dead if each.id not in known]
    assert found.cause in causes.split("|")
    assert SECRET not in f"{found.sentence}{found.location}"
    assert len(await world.until_letters(submission.id, letters + 1)) == letters + 1


async def test_instructions_and_comments_change_nothing(
    besieged: Besieged, addressed: tuple[Submission, Received]
) -> None:
    world, (submission, received) = besieged.world, addressed
    letters = len(await world.letters(submission.id))
    good = await world.written(Answer("status", status="01"), received)
    marked = before(good, b'<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?><!-- x -->')
    await world.post(marked.replace(b"<code>01", b"<code>0<?x y?><!-- -->1"))
    assert len(await world.until_letters(submission.id, letters + 1)) == letters + 1
