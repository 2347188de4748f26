"""The conversations that every adapter has to hold, and what each must leave in whose book.

Written apart from the script by which the simulated systems act: what XAusländer 26.11, chapter
OZG, says of the procedure is said here once more, so that a script which leaves something out
does not prove itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.sandbox.books import Books, Received, SentUpdate
from hub.sandbox.samples import Sample
from hub.sandbox.variants import COUNT

__all__ = ["Conversation", "Held", "conversation_of", "held", "unheld"]


class Conversation(StrEnum):
    """How one goes, from the submission to its end."""

    ANSWERED = "question answered"
    BOOKED = "booked online"
    WITHDRAWN = "withdrawn"
    REFUSED = "refusal intended"
    NOT_COMPETENT = "not competent"
    APPROVED = "fast track, approved"
    ENDED = "fast track, ended"


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation with one format of an adapter: in which case, and what is missing of it."""

    line: str
    conversation: Conversation
    case: str
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every book has all of it."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter that must come, in its place: of a kind, with so many documents at least."""

    kind: str
    status: str | None = None
    documents: int = 0
    deadline: bool = False


@dataclass(frozen=True, slots=True)
class _Course:
    """Letters up, and further messages down: their number, and how many documents at least."""

    letters: tuple[_Letter, ...]
    messages: tuple[tuple[str, int], ...] = ()


_RECEIVED: Final = _Letter("status", "01")
_FAST_TRACK: Final = (
    _RECEIVED,
    _Letter("agreement", documents=1),
    _Letter("status", "06"),
    _Letter("status", "07"),
    _Letter("recognition_decision", documents=2),
)
_SIGNED: Final = (("130404", 1), ("130406", 1))

_COURSES: Final = {
    Conversation.ANSWERED: _Course(
        (
            _RECEIVED,
            _Letter("question", deadline=True),
            _Letter("status", "02"),
            _Letter("appointment", documents=1),
        ),
        (("130103", 1),),
    ),
    Conversation.BOOKED: _Course((_RECEIVED, _Letter("status", "05"), _Letter("appointment"))),
    Conversation.WITHDRAWN: _Course(
        (
            _RECEIVED,
            _Letter("question", deadline=True),
            _Letter("status", "03"),
            _Letter("withdrawal_answer"),
        ),
        (("130111", 0),),
    ),
    Conversation.REFUSED: _Course((_RECEIVED, _Letter("intended_refusal", documents=2))),
    Conversation.NOT_COMPETENT: _Course((_RECEIVED, _Letter("not_competent"))),
    Conversation.APPROVED: _Course(
        (*_FAST_TRACK, _Letter("preliminary_approval", documents=1)), _SIGNED
    ),
    Conversation.ENDED: _Course((*_FAST_TRACK, _Letter("ending", documents=1)), _SIGNED),
}
"""130402 and 130407 are the two ends of the procedure of § 81a."""

_APPLICATIONS: Final = frozenset({"130101", "130201", "130301", "130401"})
_ACKNOWLEDGING: Final = frozenset({"receipt", "refusal"})


def conversation_of(sample: Sample) -> Conversation | None:
    """The conversation that a sample is about to have; None if nothing may come back to it."""
    kinds = sample.course.letters
    return next(
        (
            conversation
            for conversation, course in _COURSES.items()
            if tuple(letter.kind for letter in course.letters) == kinds
        ),
        None,
    )


def held(samples: Sequence[Sample], books: Books) -> tuple[Held, ...]:
    """How the conversation of each sample went that is to have one."""
    return tuple(
        Held(
            line=sample.line,
            conversation=conversation,
            case=sample.submission.application_id,
            missing=tuple(_missing(_COURSES[conversation], sample, books)),
        )
        for sample in samples
        if (conversation := conversation_of(sample)) is not None
    )


def unheld(samples: Sequence[Sample]) -> tuple[tuple[str, Conversation], ...]:
    """What no sample is to hold with a format, though all variants are played."""
    if len(samples) < COUNT:
        return ()
    there = {(sample.line, conversation_of(sample)) for sample in samples}
    lines = sorted({sample.line for sample in samples})
    return tuple(
        (line, conversation)
        for line in lines
        for conversation in Conversation
        if (line, conversation) not in there
    )


def _missing(course: _Course, sample: Sample, books: Books) -> Iterator[str]:
    token = sample.submission.application_id
    yield from _down(course, [one for one in books.system.messages if one.application_id == token])
    sent = [one for one in books.system.updates if one.application_id == token]
    yield from _sent(course, [one for one in sent if one.kind not in _ACKNOWLEDGING])
    yield from _read(course, sample, books)


def _down(course: _Course, received: Sequence[Received]) -> Iterator[str]:
    """What the system must have received, in this order."""
    heads = [one for one in received if one.number in _APPLICATIONS]
    if not heads:
        yield "the system never received the application"
    further = [one for one in received if one.number in {number for number, _ in course.messages}]
    numbers = [one.number for one in further]
    if numbers != [number for number, _ in course.messages]:
        yield f"the system received {_list(numbers)} after the application"
        return
    for one, (number, documents) in zip(further, course.messages, strict=True):
        if one.documents < documents:
            yield f"{number} reached the system with {one.documents} documents"


def _sent(course: _Course, sent: Sequence[SentUpdate]) -> Iterator[str]:
    """What the system must have sent, in this order, each taken by the hub."""
    taken = [(one.kind, one.status) for one in sent if one.sent_at is not None]
    if taken != [(letter.kind, letter.status) for letter in course.letters]:
        words = _list([f"{kind} {status or ''}".strip() for kind, status in taken])
        yield f"the hub took {words} from the system"


def _read(course: _Course, sample: Sample, books: Books) -> Iterator[str]:
    """What the applicant must find in the mailbox, in this order and in their language."""
    letters = books.letters.get(sample.case, ())
    if [one.kind for one in letters] != [letter.kind for letter in course.letters]:
        yield f"the mailbox holds {_list([one.kind for one in letters])}"
        return
    with_deadline = {m.wire for m in books.hub.get(sample.case, ()) if m.deadline is not None}
    for one, expected in zip(letters, course.letters, strict=True):
        if one.documents < expected.documents:
            yield f"the letter {one.kind} came with {one.documents} documents"
        if one.language != sample.submission.language:
            yield f"the letter {one.kind} is in {one.language}"
        if one.account != getattr(sample.submission.mailbox, "account", None):
            yield f"the letter {one.kind} lies in another mailbox"
        if expected.deadline and one.about not in with_deadline:
            yield f"the {one.kind} names no deadline"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"
