"""From Spree to the hub: which message it is, and what it says.

The sender named in the head is not believed: which authority speaks is known from the user
who published the message. `art` names the section; a document with another one is refused.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypedDict

from lxml import etree
from pydantic import ValidationError

from adapters.spree.elements import NAMESPACE
from adapters.spree.enclosed import Enclosed
from adapters.spree.tables import ENDING_REASONS, FAULTS, STATUSES
from adapters.spree.values import (
    application_id,
    attribute,
    day,
    find,
    find_all,
    line,
    moment,
    need,
    optional,
    path,
    short,
    text,
    time_of_day,
    uuid,
)
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.model.person import BuildingAddress
from hub.model.upward import (
    Agreement,
    Appointment,
    Ending,
    IntendedRefusal,
    NotCompetent,
    PreliminaryApproval,
    Question,
    Receipt,
    RecognitionDecision,
    Refusal,
    RefusalReason,
    Status,
    Upward,
    WithdrawalAnswer,
)
from hub.xml import Element

__all__ = ["read"]


class _Head(TypedDict):
    id: MessageUuid
    application_id: str | None
    answers: MessageUuid
    created_at: datetime
    test: bool


def read(document: Element) -> list[Upward]:
    """Translate one document of the system.

    Raises:
        PermanentFailure: it is no message to the applicant or the hub (`message.unexpected`),
            or something in it cannot be what it should be.
    """
    try:
        return [_read(document)]
    except ValidationError as error:
        # The model's own words would quote the value: only its place goes on.
        fields = sorted({".".join(map(str, detail["loc"])) for detail in error.errors()})
    raise PermanentFailure(
        "value.not_allowed",
        "The message satisfies its schema, but not the model of the hub.",
        location=", ".join(fields),
    )


def _read(document: Element) -> Upward:
    if document.tag != f"{{{NAMESPACE}}}Vorgang":
        raise _unexpected(etree.QName(document).localname)
    kind = attribute(document, "art")
    if kind not in _KINDS:
        raise _unexpected("Vorgang/@art")
    name, take = _KINDS[kind]
    section = find(document, name)
    if section is None:
        raise PermanentFailure(
            "message.type_mismatch",
            f"The section is not {name}, which art announces.",
            location="Vorgang/@art",
        )
    head = _head(document)
    return take(section, head, Enclosed(document, head["id"]))


def _unexpected(where: str) -> PermanentFailure:
    return PermanentFailure(
        "message.unexpected",
        "This is no message of Spree 1 to the applicant and no receipt or refusal.",
        location=where,
    )


def _head(document: Element) -> _Head:
    head = need(document, "Kopf")
    answers = need(head, "Bezug")
    return _Head(
        id=uuid(attribute(document, "kennung"), "Vorgang/@kennung"),
        application_id=optional(find(head, "Aktenzeichen"), application_id),
        answers=uuid(answers.text or "", path(answers)),
        created_at=moment(document, "erstellt"),
        test=document.get("probe") == "J",
    )


def _receipt(section: Element, head: _Head, enclosed: Enclosed) -> Receipt:
    return Receipt(**head, number=short(section, "nummer"), documents=enclosed.documents)


def _refusal(section: Element, head: _Head, enclosed: Enclosed) -> Refusal:
    reasons = tuple(
        RefusalReason(
            code=FAULTS.code(attribute(each, "fehler")), text=text(each) if each.text else None
        )
        for each in find_all(section, "Grund")
    )
    return Refusal(**head, reasons=reasons, documents=enclosed.documents)


def _status(section: Element, head: _Head, enclosed: Enclosed) -> Status:
    attachment = enclosed.take_named(section)
    status = STATUSES.code(attribute(section, "stand"))
    return Status(**head, status=status, attachment=attachment, documents=enclosed.documents)


def _question(section: Element, head: _Head, enclosed: Enclosed) -> Question:
    attachment = enclosed.take_named(section)
    return Question(
        **head,
        text=text(need(section, "Text")),
        deadline=day(section, "frist"),
        attachment=attachment,
        documents=enclosed.documents,
    )


def _appointment(section: Element, head: _Head, enclosed: Enclosed) -> Appointment:
    notice = enclosed.take_optional(section, "Mitteilung")
    fee_notice = enclosed.take_optional(section, "Gebuehr")
    return Appointment(
        **head,
        day=day(section, "tag"),
        from_time=time_of_day(section, "von"),
        until_time=time_of_day(section, "bis"),
        place=_place(find(section, "Hausanschrift")),
        place_note=optional(find(section, "Ortshinweis"), text),
        notice=notice,
        booking=optional(find(section, "Buchung"), text),
        fee_notice=fee_notice,
        hints=optional(find(section, "Hinweis"), text),
        documents=enclosed.documents,
    )


def _place(element: Element | None) -> BuildingAddress | None:
    if element is None:
        return None
    return BuildingAddress(
        street=attribute(element, "strasse"),
        house_number=attribute(element, "hausnummer"),
        postcode=attribute(element, "plz"),
        town=attribute(element, "ort"),
    )


def _withdrawal_answer(section: Element, head: _Head, enclosed: Enclosed) -> WithdrawalAnswer:
    attachment = enclosed.take_named(section)
    note = optional(find(section, "Text"), text)
    return WithdrawalAnswer(**head, text=note, attachment=attachment, documents=enclosed.documents)


def _not_competent(section: Element, head: _Head, enclosed: Enclosed) -> NotCompetent:
    return NotCompetent(
        **head,
        hint=text(need(section, "Hinweis")),
        competent_authority=optional(find(section, "Behoerde"), line),
        documents=enclosed.documents,
    )


def _intended_refusal(section: Element, head: _Head, enclosed: Enclosed) -> IntendedRefusal:
    notice = enclosed.take(need(section, "Mitteilung"))
    fee_notice = enclosed.take_optional(section, "Gebuehr")
    return IntendedRefusal(
        **head, notice=notice, fee_notice=fee_notice, documents=enclosed.documents
    )


def _ending(section: Element, head: _Head, enclosed: Enclosed) -> Ending:
    attachments = enclosed.take_each(section, "Schreiben")
    reason = ENDING_REASONS.code(attribute(section, "grund"))
    return Ending(**head, reason=reason, attachments=attachments, documents=enclosed.documents)


def _agreement(section: Element, head: _Head, enclosed: Enclosed) -> Agreement:
    agreement = enclosed.take(section)
    note = optional(find(section, "Text"), text)
    return Agreement(**head, agreement=agreement, text=note, documents=enclosed.documents)


def _recognition_decision(section: Element, head: _Head, enclosed: Enclosed) -> RecognitionDecision:
    decision = enclosed.take(need(section, "Bescheid"))
    form = enclosed.take(need(section, "Formular"))
    return RecognitionDecision(
        **head, decision=decision, confirmation_form=form, documents=enclosed.documents
    )


def _preliminary_approval(section: Element, head: _Head, enclosed: Enclosed) -> PreliminaryApproval:
    approval = enclosed.take(section)
    attachments = enclosed.take_each(section, "Beilage")
    return PreliminaryApproval(
        **head, approval=approval, attachments=attachments, documents=enclosed.documents
    )


_Take = Callable[[Element, _Head, Enclosed], Upward]

_KINDS: Final[dict[str, tuple[str, _Take]]] = {
    "QUITTUNG": ("Quittung", _receipt),
    "ABWEISUNG": ("Abweisung", _refusal),
    "STAND": ("Stand", _status),
    "FRAGE": ("Frage", _question),
    "TERMIN": ("Termin", _appointment),
    "RUECKNAHME_ANTWORT": ("RuecknahmeAntwort", _withdrawal_answer),
    "UNZUSTAENDIG": ("Unzustaendig", _not_competent),
    "ANHOERUNG": ("Anhoerung", _intended_refusal),
    "BEENDET": ("Beendet", _ending),
    "VEREINBARUNG": ("Vereinbarung", _agreement),
    "BESCHEID": ("Bescheid", _recognition_decision),
    "VORABZUSTIMMUNG": ("Vorabzustimmung", _preliminary_approval),
}
