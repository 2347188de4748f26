"""What the simulated system answers to what it receives, and so which letters must come.

The way of a case follows from the kind of message and the number in its case token alone:
the simulated system acts by it, and whoever watches knows without asking which letters are
due. It follows the procedures of XAusländer 26.11, chapter OZG; which way a case takes is
invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from hub.model.details import Service
from hub.model.downward import DownwardKind
from hub.model.upward import UpdateKind

__all__ = ["Answer", "Course", "Reaction", "answers", "course", "message_number"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One update that the system sends. `status` is set for status messages only."""

    kind: UpdateKind
    status: str | None = None
    with_fee_notice: bool = False
    booked_online: bool = False


Reaction = Literal["reply", "withdrawal"]
"""What an applicant does when asked a question."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a case goes when everybody does their part: letters and further messages, in order."""

    letters: tuple[UpdateKind, ...]
    messages: tuple[DownwardKind, ...]


_ARRIVED: Final = Answer("status", status="01")
_APPOINTMENT: Final = Answer("appointment", with_fee_notice=True)
_BOOKING: Final = Answer("appointment", booked_online=True)

_ON_APPLICATION: Final[tuple[tuple[Answer, ...], ...]] = (
    (_ARRIVED, Answer("question")),
    (_ARRIVED, Answer("status", status="05"), _BOOKING),
    (_ARRIVED, Answer("question")),
    (_ARRIVED, Answer("intended_refusal", with_fee_notice=True)),
    (_ARRIVED, Answer("not_competent")),
)
_ON_SPONSORSHIP: Final = tuple(
    # 130110 has no legal basis in § 66(2): no intended refusal of a declaration.
    (_ARRIVED, Answer("not_competent")) if way[-1].kind == "intended_refusal" else way
    for way in _ON_APPLICATION
)


def message_number(service: Service) -> str:
    """The number of the message that carries a submission of this service."""
    special = {"free_movement": "130301", "skilled_workers": "130401", "sponsorship": "130201"}
    return special.get(service, "130101")


def answers(message: str, application_id: str) -> tuple[Answer, ...]:
    """What the system sends after it has taken in a message of this number, in order."""
    rule = _RULES.get(message)
    return rule(_number(application_id)) if rule else ()


def course(service: Service, application_id: str, reaction: Reaction) -> Course:
    """Play the whole case through."""
    letters: list[UpdateKind] = []
    sent: list[DownwardKind] = []
    waiting = list(answers(message_number(service), application_id))
    while waiting:
        kind = waiting.pop(0).kind
        letters.append(kind)
        if reply := _reaction_to(kind, reaction):
            sent.append(reply)
            waiting.extend(answers(_NUMBERS[reply], application_id))
    return Course(tuple(letters), tuple(sent))


def _reaction_to(kind: UpdateKind, reaction: Reaction) -> DownwardKind | None:
    if kind == "question":
        return reaction
    if kind == "agreement":
        return "agreement_reply"
    return "receipt_confirmation" if kind == "recognition_decision" else None


_NUMBERS: Final[dict[DownwardKind, str]] = {
    "reply": "130103",
    "withdrawal": "130111",
    "agreement_reply": "130404",
    "receipt_confirmation": "130406",
}

_RULES: Final[dict[str, Callable[[int], tuple[Answer, ...]]]] = {
    "130101": lambda number: _ON_APPLICATION[number % len(_ON_APPLICATION)],
    "130201": lambda number: _ON_SPONSORSHIP[number % len(_ON_SPONSORSHIP)],
    "130301": lambda number: _ON_APPLICATION[number % len(_ON_APPLICATION)],
    "130401": lambda _: (_ARRIVED, Answer("agreement")),
    "130103": lambda _: (Answer("status", status="02"), _APPOINTMENT),
    "130111": lambda _: (Answer("status", status="03"), Answer("withdrawal_answer")),
    "130404": lambda _: (
        Answer("status", status="06"),
        Answer("status", status="07"),
        Answer("recognition_decision"),
    ),
    "130406": lambda number: (Answer("preliminary_approval" if number % 2 else "ending"),),
}


def _number(application_id: str) -> int:
    digits = application_id.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else len(application_id)
