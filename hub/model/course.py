"""Walks through what was said in a case: how far it has come, and what was asked in it.

The table (`hub.model.transitions`) says how each message moves the case; here is what a table
cannot say: in which order messages count, which of them count, and what answers what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from hub.model.downward import DownwardKind
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.model.transitions import TABLE, Kind, Phase

__all__ = ["ANSWERS", "ANSWER_TO", "Course", "Item", "OpenKind", "Said", "walk"]

OpenKind = Literal["question", "agreement", "recognition_decision"]

ANSWERS: Final[Mapping[DownwardKind, OpenKind]] = {
    "reply": "question",
    "agreement_reply": "agreement",
    "receipt_confirmation": "recognition_decision",
}
"""What answers what: 130103, 130404 and 130406. Nothing else can be answered."""

ANSWER_TO: Final[Mapping[OpenKind, DownwardKind]] = {kind: down for down, kind in ANSWERS.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a case, as far as the conversation cares. What was discarded is none.

    `at`: when it was said; for an update by the authority's own clock, within what the hub's
    clock allows. `alive` is False for what died or was withheld: it has not reached its reader.
    """

    id: MessageUuid
    direction: Literal["down", "up"]
    kind: Kind
    authority: AuthorityKey
    wire: MessageUuid
    answers: MessageUuid | None
    at: datetime
    deadline: date | None
    alive: bool


_OPENS: Final[Mapping[Kind, OpenKind]] = {
    "question": "question",
    "agreement": "agreement",
    "recognition_decision": "recognition_decision",
}

_Key = tuple[MessageUuid | None, OpenKind]


@dataclass(frozen=True, slots=True)
class Item:
    """What the authority asked for. `provided`: the applicant has the letter, or will."""

    kind: OpenKind
    update: MessageUuid
    deadline: date | None
    provided: bool


@dataclass(slots=True)
class Course:
    """How far the walk through a case has come.

    `closed` is what can no longer be answered, since whoever asked has the case no more.
    """

    phase: Phase = Phase.UNSENT
    authority: AuthorityKey | None = None
    items: dict[_Key, Item] = field(default_factory=dict)
    answered: set[MessageUuid] = field(default_factory=set)
    closed: set[_Key] = field(default_factory=set)

    def take(self, each: Said) -> None:
        """Go on by one message."""
        if each.kind == "submission":
            # Also a dead one: it may be replayed. Whoever had the case before has it no more.
            self.closed |= set(self.items)
            self.phase, self.authority, self.items = Phase.SUBMITTED, each.authority, {}
        elif each.direction == "down":
            self._take_down(each)
        elif each.authority == self.authority:
            self._take_up(each)
        elif (kind := _OPENS.get(each.kind)) is not None:
            self.closed.add((each.wire, kind))

    def is_open(self, item: Item) -> bool:
        """Whether the item waits for an answer that would pass."""
        may = TABLE[self.phase, ANSWER_TO[item.kind]].cause is None
        return may and item.provided and item.update not in self.answered

    def _take_down(self, each: Said) -> None:
        if not each.alive:
            return
        if each.answers is not None:
            self.answered.add(each.answers)
        self.phase = TABLE[self.phase, each.kind].next

    def _take_up(self, each: Said) -> None:
        self.phase = TABLE[self.phase, each.kind].next
        if (kind := _OPENS.get(each.kind)) is not None:
            item = Item(kind, each.wire, each.deadline, each.alive)
            self.items.setdefault((each.wire, kind), item)


def walk(said: Sequence[Said]) -> Course:
    """Walk through what was said, in the order in which it was said."""
    course = Course()
    for each in sorted(said, key=lambda one: one.at):
        course.take(each)
    return course
