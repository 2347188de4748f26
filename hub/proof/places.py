"""Where two written parcels differ, and what stands in them: places are paths of elements."""

import re
from functools import lru_cache

from hub.proof.protocol import Written
from hub.xml import Element, Limits, parse

__all__ = ["contains", "differences", "flat", "same_parcel", "without_positions"]


def same_parcel(one: Written, other: Written) -> bool:
    """Whether two parcels are the same to the system that gets them."""
    return [each.xml for each in one.messages] == [each.xml for each in other.messages] and (
        one.attachments == other.attachments
    )


def differences(one: Written, other: Written) -> tuple[str, ...]:
    """The places where two parcels differ, without positions, each once."""
    before, after = _of_parcel(one), _of_parcel(other)
    differing = [place for place in before | after if before.get(place) != after.get(place)]
    return tuple(dict.fromkeys(without_positions(place) for place in differing))


def contains(written: Written, text: str) -> bool:
    """Whether `text` stands somewhere in the parcel, letter by letter."""
    return any(text in value for value in _of_parcel(written).values())


def flat(root: Element) -> dict[str, str]:
    """Every text and attribute of a document by its place; white space between elements is none."""
    found: dict[str, str] = {}
    _collect(root, f"/{_local(root.tag)}", found)
    return found


def without_positions(place: str) -> str:
    """The place without saying which of several alike."""
    return re.sub(r"\[\d+\]", "", place)


def _of_parcel(written: Written) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, message in enumerate(written.messages):
        places = _of_document(message.xml, message.encoding)
        found |= {f"[{number}]{place}": text for place, text in places.items()}
    for number, (name, sha256) in enumerate(written.attachments):
        found[f"attachment[{number}]"] = f"{name} {sha256}"
    return found


@lru_cache(maxsize=32)
def _of_document(xml: bytes, encoding: str) -> dict[str, str]:
    return flat(parse(xml, Limits(huge_text=True), encodings=frozenset({encoding})))


def _collect(element: Element, place: str, found: dict[str, str]) -> None:
    text = element.text
    found[place] = text if text and text.strip() else ""
    for name, value in element.items():
        found[f"{place}/@{_local(name)}"] = value
    seen: dict[str, int] = {}
    for child in element:
        name = _local(child.tag)
        seen[name] = number = seen.get(name, 0) + 1
        _collect(child, f"{place}/{name}[{number}]", found)


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
