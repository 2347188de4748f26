"""Documents that no system should send, each made from a golden one that is read without fault.

What the parser of the hub and the schema do not stop, the adapter has to refuse with a meaning.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from hub.proof.places import without_positions
from hub.xml import RETURN_LIMITS, Element, parse, serialise

__all__ = ["Hostile", "alterations", "flood", "hostile"]


@dataclass(frozen=True, slots=True)
class Hostile:
    """One such document. `place` is the element that was tampered with, if it was one.

    An element that the format does not read may hold anything; `ignorable` says that the
    document may be read, as long as nothing of the tampering arrives.
    """

    what: str
    document: bytes
    place: str | None = None
    ignorable: bool = False


def hostile(document: bytes, version: str, encodings: frozenset[str]) -> Iterator[Hostile]:
    """Documents that may never be read, whatever stands in them."""
    root = parse(document, RETURN_LIMITS, encodings=encodings)
    text = serialise(root)
    yield from _with_doctype(root, text)
    yield Hostile("an undeclared entity", _inside(root, b"&nothing;"))
    yield Hostile("elements 10,000 deep", _inside(root, b"<n>" * 10_000 + b"</n>" * 10_000))
    yield Hostile("elements 40 deep", _inside(root, b"<n>" * 40 + b"</n>" * 40))
    yield from _of_another_kind(root, text, version)
    for part in (1, 2, 3):
        yield Hostile(f"only {part}/4 of it", text[: len(text) * part // 4])
    yield Hostile("all but its last tag", text[: text.rindex(b"<")])
    yield Hostile("nothing", b"")
    yield Hostile("a zero byte", _inside(root, b"\x00"))
    yield Hostile("another encoding than it declares", text.replace(b">", b">\xff", 2))


def flood(document: bytes, encodings: frozenset[str]) -> Hostile:
    """More elements than any document has; one such document says it for all."""
    root = parse(document, RETURN_LIMITS, encodings=encodings)
    return Hostile("300,000 elements", _inside(root, b"<n/>" * 300_000))


def alterations(document: bytes, encodings: frozenset[str], seen: set[str]) -> Iterator[Hostile]:
    """One element at a time holds something else, or is missing.

    `seen` are places that were tried with another document, without the name of the root:
    headers are alike.
    """
    root = parse(document, RETURN_LIMITS, encodings=encodings)
    for element in root.iter():
        place = without_positions(element.getroottree().getelementpath(element) or "")
        if place in seen or element is root:
            continue
        seen.add(place)
        name = etree.QName(element).localname
        if len(element) == 0:
            for what, text in _TEXTS.items():
                yield Hostile(what, _with_text(root, element, text), name, ignorable=True)
        yield Hostile("it missing", _without(root, element), name, ignorable=True)


_HUGE: Final = "A" * 300_000
_TEXTS: Final = {
    "a huge text": _HUGE,
    "a text outside DIN SPEC 91379": "文字 \u202e",
    "an empty text": "",
}

_LAUGHS: Final = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)


def _with_doctype(root: Element, text: bytes) -> Iterator[Hostile]:
    name = etree.QName(root).localname.encode()
    subsets = {
        "a DOCTYPE": b"",
        "an entity": b'[<!ENTITY e "x">]',
        "an entity of a file": b'[<!ENTITY e SYSTEM "file:///etc/hostname">]',
        "entities that grow": b'[<!ENTITY l0 "ha">' + _LAUGHS + b'<!ENTITY e "&l9;">]',
    }
    for what, subset in subsets.items():
        inside = _inside(root, b"&e;") if subset else text
        declaration, _, rest = inside.partition(b"?>")
        yield Hostile(what, declaration + b"?><!DOCTYPE " + name + b" " + subset + b">" + rest)


def _of_another_kind(root: Element, text: bytes, version: str) -> Iterator[Hostile]:
    namespace = etree.QName(root).namespace
    if namespace is not None:
        wrong = text.replace(f'"{namespace}"'.encode(), b'"urn:example:another"')
        yield Hostile("another namespace", wrong)
        if namespace[-1:].isdigit():
            later = text.replace(f'"{namespace}"'.encode(), f'"{namespace}9"'.encode())
            yield Hostile("the namespace of another version", later)
    else:
        start = b"<" + etree.QName(root).localname.encode()
        named = start + b' xmlns="urn:example:another"'
        yield Hostile("another namespace", text.replace(start, named, 1))
    for name, value in root.items():
        if value == version:
            other = parse(text)
            other.set(name, f"{version}9")
            yield Hostile("another version", serialise(other), f"@{etree.QName(name).localname}")


def _inside(root: Element, content: bytes) -> bytes:
    """The document with `content` at its end."""
    marked = copy.deepcopy(root)
    marked.append(etree.Comment("here"))
    return serialise(marked).replace(b"<!--here-->", content)


def _with_text(root: Element, element: Element, text: str) -> bytes:
    before, element.text = element.text, text
    changed = serialise(root)
    element.text = before
    return changed


def _without(root: Element, element: Element) -> bytes:
    parent = element.getparent()
    assert parent is not None  # noqa: S101 - only called with what is inside of the root
    at = parent.index(element)
    parent.remove(element)
    changed = serialise(root)
    parent.insert(at, element)
    return changed
