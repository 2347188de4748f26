"""What many comparisons found, added up: the same thing once, with how many messages show it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hub.model.identifiers import AuthorityKey
from hub.rehearsal.comparing import Comparison, Loss, Reshaped
from hub.rehearsal.outcomes import Failed
from hub.rehearsal.report import Count, Failure, Group, Lost, Shaped, Side, XmlPlace

__all__ = ["Source", "Sums"]

Source = Literal["owed", "generated"]

_Counted = Counter[Source]


@dataclass(slots=True)
class _Failures:
    """Failures that are alike: the first stands for all."""

    first: Failed
    kinds: dict[str, None] = field(default_factory=dict)
    count: _Counted = field(default_factory=Counter)


class Sums:
    """The sums of one group of authorities."""

    def __init__(self) -> None:
        self._compared: _Counted = Counter()
        self._fails: dict[str, _Failures] = {}
        self._possible: dict[str, _Failures] = {}
        self._lost: dict[Loss, _Counted] = {}
        self._appear: dict[str, _Counted] = {}
        self._vanish: dict[str, _Counted] = {}
        self._reshaped: dict[Reshaped, _Counted] = {}

    def add(self, source: Source, kind: str, comparison: Comparison) -> None:
        """Add what one message of that kind has shown."""
        self._compared[source] += 1
        _add_failure(self._fails, source, kind, comparison.fails)
        _add_failure(self._possible, source, kind, comparison.possible)
        for loss in comparison.lost:
            self._lost.setdefault(loss, Counter())[source] += 1
        for path in comparison.appear:
            self._appear.setdefault(path, Counter())[source] += 1
        for path in comparison.vanish:
            self._vanish.setdefault(path, Counter())[source] += 1
        for reshaped in comparison.reshaped:
            self._reshaped.setdefault(reshaped, Counter())[source] += 1

    def group(
        self, authorities: Iterable[AuthorityKey], old: Side, new: Side, declared: Iterable[Loss]
    ) -> Group:
        """Everything so far. `declared`: what gets lost whatever the message."""
        certain = dict.fromkeys(declared)
        losses = {**{each: Counter[Source]() for each in certain}, **self._lost}
        return Group(
            authorities=tuple(authorities),
            old=old,
            new=new,
            compared=_count(self._compared),
            fails=_failures(self._fails),
            lost=tuple(
                Lost(each.field, each.reason, each in certain, _count(count))
                for each, count in sorted(losses.items(), key=lambda item: item[0].field)
            ),
            possible=_failures(self._possible),
            appear=_places(self._appear),
            vanish=_places(self._vanish),
            reshaped=tuple(
                Shaped(each.path, each.old, each.new, _count(count))
                for each, count in sorted(self._reshaped.items(), key=lambda item: item[0].path)
            ),
        )


def _add_failure(
    found: dict[str, _Failures], source: Source, kind: str, failed: Failed | None
) -> None:
    if failed is not None:
        alike = found.setdefault(failed.alike, _Failures(failed))
        alike.kinds[kind] = None
        alike.count[source] += 1


def _failures(found: Mapping[str, _Failures]) -> tuple[Failure, ...]:
    return tuple(
        Failure(
            tuple(each.kinds),
            each.first.cause,
            each.first.sentence,
            each.first.location,
            _count(each.count),
        )
        for each in found.values()
    )


def _places(found: Mapping[str, _Counted]) -> tuple[XmlPlace, ...]:
    return tuple(XmlPlace(path, _count(found[path])) for path in sorted(found))


def _count(counted: _Counted) -> Count:
    return Count(counted["owed"], counted["generated"])
