"""What systems send: every format of the project's own adapters, as the workshop reads it.

A schema stops most of what is made by chance. So what is read is one of the golden updates, in
which one element, attribute or tag is replaced by a text out of the bytes; bytes that begin with
`<` are read as they are.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from hub.adapter import Authority, ReadContext
from hub.model.failure import PermanentFailure
from hub.model.upward import upward
from hub.xml import RETURN_LIMITS, Element, parse
from tests.adapters.every import FORMATS
from tests.fuzz.rule import well_said

_HERE = ReadContext(Authority("001900", "Musterstadt"))
_ADAPTERS = Path(__file__).parents[2] / "adapters"


@cache
def _golden() -> list[tuple[str, bytes]]:
    found = []
    for name in sorted(FORMATS):
        adapter, version = name.split(" ")
        folder = _ADAPTERS / adapter
        versioned = folder / f"version{version}"
        examples = (versioned if versioned.is_dir() else folder).rglob("to_applicant/*.xml")
        found += [(name, path.read_bytes()) for path in sorted(examples)]
    return found


def one(data: bytes) -> None:
    """Messages that the model allows, or a PermanentFailure that quotes nothing."""
    if data.startswith(b"<"):
        for name in FORMATS:
            _read(name, data, "")
        return
    if len(data) < 4:
        return
    name, document = _golden()[data[0] % len(_golden())]
    text = "".join(each for each in data[4:].decode(errors="ignore") if each.isprintable())
    root = parse(document, RETURN_LIMITS, encodings=FORMATS[name].encodings)
    elements = list(root.iter())
    element = elements[int.from_bytes(data[1:3], "big") % len(elements)]
    _tamper(element, data[3], text)
    _read_tree(name, root, text)


def _tamper(element: Element, how: int, text: str) -> None:
    attributes = sorted(map(str, element.attrib))
    parent = element.getparent()
    match how % 4:
        case 0 if attributes:
            element.set(attributes[how // 4 % len(attributes)], text)
        case 1 if parent is not None:
            parent.remove(element)
        case 2 if parent is not None:
            parent.append(element)
        case _:
            element.text = text


def _read(name: str, data: bytes, secret: str) -> None:
    try:
        root = parse(data, RETURN_LIMITS, encodings=FORMATS[name].encodings)
    except PermanentFailure as failure:
        well_said(failure, secret)
        return
    _read_tree(name, root, secret)


def _read_tree(name: str, root: Element, secret: str) -> None:
    format_ = FORMATS[name]
    try:
        format_.schemas.check(root)
        messages = format_.read(root, _HERE)
    except PermanentFailure as failure:
        well_said(failure, secret)
        return
    for message in messages:
        upward.validate_json(upward.dump_json(message))


def seeds() -> Iterable[bytes]:
    """For each golden update, a text at some places."""
    texts = ("2026-11-30", "99999999999999999999", "9999-12-31T23:59:59Z", "\u202e文字")
    for at in range(len(_golden())):
        for number, text in enumerate(texts):
            yield bytes([at, 0, (at * 7 + number * 11) % 256, number]) + text.encode()
