"""A rehearsal under way: messages are translated both ways, and what is new is added up.

Whoever calls brings tables, days and messages; nothing here opens a store or asks a clock. What
stays in memory is what was found, never a message.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from hub.adapter import Authority, Capability, Context
from hub.model.details import Service
from hub.model.downward import Downward, Submission
from hub.model.identifiers import AuthorityKey
from hub.proof.situation import context_of
from hub.rehearsal.comparing import Loss, compare, newly_declared
from hub.rehearsal.corpus import corpus, fields_of, service_of
from hub.rehearsal.outcomes import Official, Way, translate
from hub.rehearsal.report import Group, Report
from hub.rehearsal.standing import Standing, standing
from hub.rehearsal.sums import Source, Sums
from hub.routing import RoutingTable

__all__ = ["Rehearsal", "Ways", "ways"]

Ways = Callable[[AuthorityKey], tuple[Way, Way]]
"""The way that holds for an authority, and the one to come."""


def ways(held: RoutingTable, to_come: RoutingTable | None, on: date | None, today: date) -> Ways:
    """The two ways to compare for each authority.

    Args:
        held: the table that holds.
        to_come: the one to come; None: the same.
        on: the day to come; None: today for another table, and the next cut-over of each
            authority for the same one.
        today: the day on which the table holds.
    """

    def of(key: AuthorityKey) -> tuple[Way, Way]:
        cut_over = _next_cut_over(held, key, today) if to_come is None else None
        return Way(held, today), Way(to_come or held, on or cut_over or today)

    return of


def _next_cut_over(table: RoutingTable, authority: AuthorityKey, today: date) -> date | None:
    """The day on which the authority's system changes to its next format, if one is announced."""
    entry = table.authorities.get(authority)
    formats = () if entry is None else table.systems[entry.system].formats
    return min((each.since for each in formats if each.since > today), default=None)


def _nobody(done: int, steps: int) -> None:
    """Whoever runs a command waits for its end."""


class Rehearsal:
    """Compares an old and a new way for each of some authorities.

    Args:
        ways: the two ways of an authority.
        authorities: those to look at.
        official: schema sets that are checked in addition.
    """

    def __init__(
        self,
        ways: Ways,
        authorities: Iterable[AuthorityKey],
        official: Official,
    ) -> None:
        self._official = official
        self._groups: dict[tuple[Standing, Standing], _Group] = {}
        self._of: dict[AuthorityKey, _Group] = {}
        self._unchanged: list[AuthorityKey] = []
        for key in authorities:
            old, new = (standing(way, key) for way in ways(key))
            if old.translates_like(new) and _same_name(old, new, key):
                self._unchanged.append(key)
            else:
                group = self._groups.setdefault((old, new), _Group(old, new))
                group.authorities.append(key)
                self._of[key] = group

    def concerns(self, authority: AuthorityKey) -> bool:
        """Whether anything may change for it; if not, its messages need not be opened."""
        return authority in self._of

    def try_owed(self, message: Downward, context: Context) -> None:
        """Compare one message that is owed to an authority which the rehearsal concerns."""
        self._try(self._of[context.authority.key], "owed", message, context)

    def try_generated(self, told: Callable[[int, int], None] = _nobody) -> None:
        """Compare the corpus, for each group in the name of its first authority.

        `told`: how many steps are done, and of how many; before the first and after each.
        """
        steps = [(group, subject) for group in self._groups.values() for subject in group.subjects]
        told(0, len(steps))
        for done, (group, subject) in enumerate(steps, start=1):
            for sample in corpus(subject):
                message = sample.message.model_copy(update={"test": group.test})
                context = context_of(
                    message,
                    authority=Authority(group.authorities[0], ""),
                    service=service_of(subject, group.offered),
                )
                self._try(group, "generated", message, context)
            told(done, len(steps))

    def report(self, opened: int | None) -> Report:
        """What was found so far. `opened`: how many contents were, None without a store."""
        groups = tuple(group.summed_up() for group in self._groups.values())
        holds = all(group.holds for group in groups)
        return Report(holds, groups, tuple(self._unchanged), opened)

    def _try(self, group: "_Group", source: Source, message: Downward, context: Context) -> None:
        old, new = (
            translate(each.way, message, context, self._official) for each in (group.old, group.new)
        )
        kind = message.service if isinstance(message, Submission) else message.type
        group.sums.add(source, kind, compare(old, new, group.old.lost, group.new.lost))


@dataclass(slots=True)
class _Group:
    """Authorities that stand alike by both tables, and what was found for them."""

    old: Standing
    new: Standing
    authorities: list[AuthorityKey] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)

    @property
    def subjects(self) -> tuple[Capability, ...]:
        """What they are given by either table."""
        return tuple(dict.fromkeys((*self.old.subjects, *self.new.subjects)))

    @property
    def offered(self) -> tuple[Service, ...]:
        """Services to which a reply may belong: those of both tables first."""
        both = [each for each in self.old.services if each in self.new.services]
        return tuple(dict.fromkeys((*both, *self.old.services, *self.new.services)))

    @property
    def test(self) -> bool:
        return (self.old.stage or self.new.stage) == "test"

    def summed_up(self) -> Group:
        return self.sums.group(
            self.authorities, self.old.side, self.new.side, self._newly_declared()
        )

    def _newly_declared(self) -> frozenset[Loss]:
        carried = [each for each in self.subjects if self.old.carries(each)]
        fields = [name for each in carried if self.new.carries(each) for name in fields_of(each)]
        return newly_declared(fields, self.old.lost, self.new.lost)


def _same_name(old: Standing, new: Standing, key: AuthorityKey) -> bool:
    """Formats write the name; `Standing` leaves it out, so that others stand alike."""
    named = (each.way.table.authorities.get(key) for each in (old, new))
    return len({None if entry is None else entry.name for entry in named}) == 1
