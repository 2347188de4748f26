"""Finds fields that took each other's place in one kind of message only.

Where first and family name stand is the adapter's business. But where the element that holds
the one everywhere holds the other in one message, and the reverse, they were swapped there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from hub.proof.report import Fault, Property
from hub.proof.shapes import Path

__all__ = ["swapped"]


def swapped(places: Mapping[tuple[str, Path], tuple[str, ...]]) -> Iterator[Fault]:
    """A fault for each two fields of one record, each standing where the other usually does."""
    usual = _usual(places)
    for (subject, around), fields in _records(places).items():
        for (one, at), (other, other_at) in combinations(sorted(fields.items()), 2):
            crossed = at == usual.get(other) and other_at == usual.get(one)
            if crossed and at != other_at:
                where = ".".join("*" if isinstance(step, int) else step for step in around)
                sentence = (
                    f"{one} stands in {at} and {other} in {other_at}; "
                    "in other places it is the other way round"
                )
                yield Fault(Property.APART, sentence, (subject,), f"{where}.{one}", element=at)


_Fields = dict[str, str]


def _records(
    places: Mapping[tuple[str, Path], tuple[str, ...]],
) -> Mapping[tuple[str, Path], _Fields]:
    """For each record its fields, by their last two names, and the element that holds each."""
    records: dict[tuple[str, Path], _Fields] = defaultdict(dict)
    for (subject, path), found in places.items():
        names = [step for step in path if isinstance(step, str)]
        depth = 2 if names[-1] in ("text", "absent") else 1
        if found and isinstance(path[-1], str):
            field = ".".join(names[-depth:])
            records[(subject, path[:-depth])][field] = _tail(found[0])
    return records


def _usual(places: Mapping[tuple[str, Path], tuple[str, ...]]) -> Mapping[str, str]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for fields in _records(places).values():
        for field, at in fields.items():
            counted[field][at] += 1
    return {field: tails.most_common(1)[0][0] for field, tails in counted.items()}


def _tail(place: str) -> str:
    """The end of a path: the same element, wherever its parents stand."""
    return "/".join(place.split("/")[-2:])
