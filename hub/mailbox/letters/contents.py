"""What a letter says, before any language: the hub's sentences by key, and quotes.

Each kind of update has one small function. What the authority wrote is always a `Quote`: it is
framed as the authority's own words and never translated, shortened or mixed with the hub's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time

from hub.language import Value
from hub.model.identifiers import DocumentId
from hub.model.person import BuildingAddress
from hub.model.reminder import Reminder
from hub.model.upward import (
    Agreement,
    Appointment,
    Ending,
    IntendedRefusal,
    NotCompetent,
    PreliminaryApproval,
    Question,
    RecognitionDecision,
    Status,
    Update,
    WithdrawalAnswer,
)

__all__ = ["Paragraph", "Quote", "Say", "document_names", "paragraphs", "title"]


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of the hub, by its key in the catalogues."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the authority, and the key of the sentence that introduces them."""

    text: str
    introduction: str = "authority_writes"


Paragraph = Say | Quote


def title(update: Update | Reminder) -> Say:
    """The letter's title. It names the matter, and nothing that only concerns the applicant.

    Titles are seen in lists and on locked screens: no outcome stands in them.
    """
    if isinstance(update, Status):
        return Say(f"status.{update.status}.title")
    return Say(f"{update.type}.title")


def paragraphs(update: Update | Reminder, *, answered_below: bool) -> tuple[Paragraph, ...]:
    """What the letter says, one part per paragraph.

    `answered_below`: where it is read, a form below takes the answer.
    """
    said = tuple(_paragraphs(update))
    if isinstance(update, _ANSWERED) and not answered_below:
        return *said, Say("reply_in_online_service")
    return said


def document_names(update: Update | Reminder) -> Mapping[DocumentId, str]:
    """The catalogue key of each document's name; what no field names is an attachment."""
    names = {document.id: "document.attachment" for document in update.documents}
    return names | {id_: f"document.{role}" for role, id_ in _roles(update) if id_ is not None}


def _paragraphs(update: Update | Reminder) -> Iterator[Paragraph]:
    match update:
        case Status():
            yield Say(f"status.{update.status}")
        case Ending():
            yield Say(f"ending.{update.reason}")
        case Question():
            yield from _question(update)
        case Reminder():
            yield Say("reminder")
            yield Say("question.deadline", {"deadline": update.deadline})
        case Appointment():
            yield from _appointment(update)
        case NotCompetent():
            yield from _not_competent(update)
        case Agreement() | WithdrawalAnswer():
            yield Say(update.type)
            yield from _quote(update.text)
        case IntendedRefusal() | RecognitionDecision() | PreliminaryApproval():
            yield Say(update.type)


# A mailbox elsewhere carries no answers; 130103, 130404 and 130406 come out of a form.
_ANSWERED = (Question, Reminder, Agreement, RecognitionDecision)


def _question(update: Question) -> Iterator[Paragraph]:
    yield Say("question")
    yield Quote(update.text)
    if update.deadline is not None:
        yield Say("question.deadline", {"deadline": update.deadline})


def _appointment(update: Appointment) -> Iterator[Paragraph]:
    yield Say("appointment")
    if update.day is not None:
        yield Say("appointment.day", {"day": update.day})
    yield from _clock(update.from_time, update.until_time)
    if update.place is not None:
        yield Say("appointment.place", {"address": _in_one_line(update.place)})
    yield from _quote(update.place_note, "appointment.place_note")
    yield from _quote(update.booking, "appointment.booking")
    yield from _quote(update.hints)


def _clock(start: time | None, end: time | None) -> Iterator[Paragraph]:
    if start is not None and end is not None:
        yield Say("appointment.from_until", {"start": start, "end": end})
    elif start is not None:
        yield Say("appointment.from", {"start": start})
    elif end is not None:
        yield Say("appointment.until", {"end": end})


def _in_one_line(place: BuildingAddress) -> str:
    # One value, as German addresses are written: several would be put in the order of the language.
    return f"{place.street} {place.house_number}, {place.postcode} {place.town}"


def _not_competent(update: NotCompetent) -> Iterator[Paragraph]:
    yield Say("not_competent")
    yield Quote(update.hint)
    yield from _quote(update.competent_authority, "not_competent.other")


def _quote(text: str | None, introduction: str = "authority_writes") -> Iterator[Paragraph]:
    if text is not None:
        yield Quote(text, introduction)


def _roles(update: Update | Reminder) -> tuple[tuple[str, DocumentId | None], ...]:
    match update:
        case Appointment():
            return ("appointment", update.notice), ("fee_notice", update.fee_notice)
        case IntendedRefusal():
            return ("intended_refusal", update.notice), ("fee_notice", update.fee_notice)
        case Agreement():
            return (("agreement", update.agreement),)
        case RecognitionDecision():
            return ("decision", update.decision), ("confirmation_form", update.confirmation_form)
        case PreliminaryApproval():
            return (("approval", update.approval),)
        case _:
            return ()
