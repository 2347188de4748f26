"""The conversation of a case: where it stands, what is open, and what may be said next.

Pure. `standing` reads off where a case stands, from everything that was said in it; `rule_down`
and `rule_up` say what becomes of one more message. All three walk the same table
(`hub.model.transitions`), so what is offered to an applicant is never refused at the door.

Three rules hold everywhere:

- What the authority said counts in the order in which it said it, not in which it arrived: a late
  message never overwrites a newer one. Letters are all provided nevertheless, as they arrive.
- A message to the authority that died has not been said: its question is open again.
- Whatever an authority says that no longer has the case moves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Final, Literal

from hub.model.course import ANSWER_TO, ANSWERS, OpenKind, Said, walk
from hub.model.downward import DownwardKind
from hub.model.identifiers import MessageUuid
from hub.model.transitions import TABLE, Actor, Outcome, Phase

__all__ = [
    "ANSWERS",
    "Actor",
    "Late",
    "Mark",
    "OpenItem",
    "OpenKind",
    "Outcome",
    "Phase",
    "Ruling",
    "Said",
    "Standing",
    "rule_down",
    "rule_up",
    "standing",
]

Late = Literal["pass_on", "refuse"]
"""What an authority wants done with answers that come after its deadline."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What the authority waits for. `update`: what an answer names in its `answers`."""

    kind: OpenKind
    update: MessageUuid
    deadline: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands.

    `open` has the oldest first. `may`: what the applicant may send now. `applicant_next` is
    `answer_question`, `answer_agreement`, `confirm_receipt`, `wait` or `nothing`;
    `authority_next` is `begin`, `go_on`, `await_answer`, `react_to_withdrawal` or `nothing`.
    """

    phase: Phase
    open: tuple[OpenItem, ...]
    may: frozenset[DownwardKind]
    applicant_next: str
    authority_next: str


class Mark(StrEnum):
    """What is remarkable of a message that passes all the same. Its name in the journal."""

    LATE_REPLY = auto()  # it answers after the deadline
    SUPPLEMENT = auto()  # it answers what was answered before
    OUT_OF_ORDER = auto()  # the authority has said something newer, which arrived before
    CONTRADICTORY = auto()  # it does not fit what was said before
    FORMER_AUTHORITY = auto()  # the authority no longer has the case


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a message. `cause` only where it is refused."""

    outcome: Outcome
    acts: Actor
    cause: str | None = None
    marks: tuple[Mark, ...] = ()


def standing(said: Sequence[Said], *, expired_before: date | None = None) -> Standing:
    """Where a case stands after everything that was said, in the order in which it arrived.

    Args:
        said: all messages of the case.
        expired_before: today, where the authority refuses late answers; what had to be answered
            before that day is no longer open then.
    """
    course = walk(said)
    items = tuple(
        OpenItem(item.kind, item.update, item.deadline)
        for item in course.items.values()
        if course.is_open(item) and not _is_past(item.deadline, expired_before)
    )
    phase = course.phase
    return Standing(
        phase=phase,
        open=items,
        may=frozenset(_allowed(phase, items)),
        applicant_next=_ANSWERING[_first(items).kind] if items else _APPLICANT_NEXT[phase],
        authority_next="await_answer" if items else _AUTHORITY_NEXT[phase],
    )


def rule_down(
    said: Sequence[Said],
    kind: DownwardKind,
    answers: MessageUuid | None,
    *,
    sent_on: date,
    late: Late,
) -> Ruling:
    """What becomes of one more message of the applicant.

    Args:
        said: all messages of the case so far, in the order in which they arrived.
        kind: of the message.
        answers: the update that it answers.
        sent_on: the day on which it was sent, where the authority is.
        late: the policy of the case's authority.
    """
    course = walk(said)
    cell = TABLE[course.phase, kind]
    if cell.cause is not None:
        return _refused(cell.cause)
    if kind not in ANSWERS:
        return Ruling(cell.outcome, cell.acts)
    item = course.items.get((answers, ANSWERS[kind]))
    if item is None:
        former = (answers, ANSWERS[kind]) in course.closed
        return _refused("answer.former_authority" if former else "answer.unmatched")
    if not item.provided:
        return _refused("answer.not_provided")
    marks: list[Mark] = []
    if item.update in course.answered:
        # XAusländer does not forbid a further 130103; a signature is given once.
        if kind != "reply":
            return _refused("answer.given")
        marks.append(Mark.SUPPLEMENT)
    if _is_past(item.deadline, sent_on):
        if late == "refuse":
            return _refused("answer.late")
        marks.append(Mark.LATE_REPLY)
    return Ruling(cell.outcome, cell.acts, marks=tuple(marks))


def rule_up(said: Sequence[Said], new: Said) -> Ruling:
    """What becomes of one more message of an authority. It is never refused.

    Args:
        said: all messages of the case so far, in the order in which they arrived.
        new: the message.
    """
    # What was said at the same time arrived before.
    course = walk([each for each in said if each.at <= new.at])
    cell = TABLE[course.phase, new.kind]
    if cell.outcome is Outcome.NOTED:
        return Ruling(cell.outcome, cell.acts)
    marks = [Mark.OUT_OF_ORDER] if any(_is_newer(each, new) for each in said) else []
    has_it = walk(said).authority
    if has_it is not None and new.authority != has_it:
        return Ruling(Outcome.MARKED, Actor.OPERATOR, marks=(*marks, Mark.FORMER_AUTHORITY))
    if cell.outcome is Outcome.MARKED:
        marks.append(Mark.CONTRADICTORY)
    return Ruling(cell.outcome, cell.acts, marks=tuple(marks))


_APPLICANT_NEXT: Final[Mapping[Phase, str]] = {
    Phase.UNSENT: "nothing",
    Phase.SUBMITTED: "wait",
    Phase.IN_PROGRESS: "wait",
    Phase.NOT_COMPETENT: "wait",
    Phase.WITHDRAWING: "wait",
    Phase.WITHDRAWN: "nothing",
    Phase.ENDED: "nothing",
}
_AUTHORITY_NEXT: Final[Mapping[Phase, str]] = {
    Phase.UNSENT: "nothing",
    Phase.SUBMITTED: "begin",
    Phase.IN_PROGRESS: "go_on",
    Phase.NOT_COMPETENT: "nothing",
    Phase.WITHDRAWING: "react_to_withdrawal",
    Phase.WITHDRAWN: "nothing",
    Phase.ENDED: "nothing",
}
_ANSWERING: Final[Mapping[OpenKind, str]] = {
    "question": "answer_question",
    "agreement": "answer_agreement",
    "recognition_decision": "confirm_receipt",
}


def _allowed(phase: Phase, items: Sequence[OpenItem]) -> Iterator[DownwardKind]:
    if TABLE[phase, "withdrawal"].cause is None:
        yield "withdrawal"
    for item in items:
        yield ANSWER_TO[item.kind]


def _first(items: Sequence[OpenItem]) -> OpenItem:
    """What is to be answered first: what has the nearest deadline, else the oldest."""
    return min(items, key=lambda item: item.deadline or date.max)


def _is_past(deadline: date | None, today: date | None) -> bool:
    """Whether the deadline is over; its own day still counts."""
    return deadline is not None and today is not None and deadline < today


def _is_newer(each: Said, than: Said) -> bool:
    is_letter = TABLE[Phase.UNSENT, each.kind].outcome is not Outcome.NOTED
    same_voice = each.direction == "up" and each.authority == than.authority
    return is_letter and same_voice and each.at > than.at


def _refused(cause: str) -> Ruling:
    return Ruling(Outcome.REFUSED, Actor.SENDER, cause)
