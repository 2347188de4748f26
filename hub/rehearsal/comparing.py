"""Two outcomes of one message compared: what is new about the second."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.proof.coverage import covers
from hub.proof.places import without_positions
from hub.rehearsal.outcomes import Failed, Outcome, Translated

__all__ = ["Comparison", "Loss", "Reshaped", "compare", "newly_declared"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A field that does not arrive as it did, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reshaped:
    """An element or attribute whose value is of another shape."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is new. Nothing of it is set where both outcomes are the same."""

    fails: Failed | None = None
    possible: Failed | None = None
    lost: frozenset[Loss] = frozenset()
    appear: frozenset[str] = frozenset()
    vanish: frozenset[str] = frozenset()
    reshaped: frozenset[Reshaped] = frozenset()


def compare(
    old: Outcome, new: Outcome, lost_before: Iterable[str], lost_now: Mapping[str, str]
) -> Comparison:
    """What the new outcome has that the old one had not.

    Args:
        old: by the table that holds.
        new: by the table to come.
        lost_before: fields that the old format declares lost: they cannot get lost again.
        lost_now: fields that the new format declares lost, with reasons.
    """
    match old, new:
        case Failed(), Translated():
            return Comparison(possible=old)
        case Translated(), Failed():
            return Comparison(fails=new)
        case Translated(), Translated():
            return _of_both(old, new, lost_before, lost_now)
        case _:
            return Comparison()


def newly_declared(
    fields: Iterable[str], lost_before: Iterable[str], lost_now: Mapping[str, str]
) -> frozenset[Loss]:
    """Of these fields, those that only the new format declares lost; named as it names them."""
    known = tuple(lost_before)
    found = set()
    for field in fields:
        pattern = _declared(field, lost_now)
        if pattern is not None and _declared(field, known) is None:
            found.add(Loss(pattern, lost_now[pattern]))
    return frozenset(found)


def _of_both(
    old: Translated, new: Translated, lost_before: Iterable[str], lost_now: Mapping[str, str]
) -> Comparison:
    known = tuple(lost_before)
    lost = {
        _loss(field, rule, lost_now)
        for field, rules in new.changes.items()
        if _declared(field, known) is None
        for rule in rules - old.changes.get(field, frozenset())
    }
    before, after = _paths(old), _paths(new)
    reshaped = {
        Reshaped(without_positions(place), shape, new.shapes[place])
        for place, shape in old.shapes.items()
        if new.shapes.get(place, shape) != shape
    }
    return Comparison(
        lost=frozenset(lost),
        appear=after - before,
        vanish=before - after,
        reshaped=frozenset(reshaped),
    )


def _loss(field: str, rule: str, lost_now: Mapping[str, str]) -> Loss:
    pattern = _declared(field, lost_now)
    return Loss(field, rule) if pattern is None else Loss(pattern, lost_now[pattern])


def _declared(field: str, patterns: Iterable[str]) -> str | None:
    """The declaration that means this field, or all that is below it."""
    inside = f"{field}.*"
    return next((each for each in patterns if covers(each, field) or covers(each, inside)), None)


def _paths(translated: Translated) -> frozenset[str]:
    return frozenset(without_positions(place) for place in translated.shapes)
