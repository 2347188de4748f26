"""From Alster's XML to the hub: what the system says to the applicant, or to the hub itself.

One function per kind. Which authority speaks is known from the folder in which the document
lay; nothing in it is believed about that.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypedDict

from lxml import etree
from pydantic import ValidationError

from adapters.alster.dialect import Dialect
from adapters.alster.enclosed import Enclosed
from adapters.alster.reading import Page
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


def read(document: Element, dialect: Dialect) -> list[Upward]:
    """Translate one document of the system.

    Raises:
        PermanentFailure: it is none of those that come from the system
            (`message.unexpected`), or something in it cannot be what it should be.
    """
    page = Page(dialect, document)
    if document.tag != dialect.tag("Rueckmeldung"):
        raise _unexpected(document)
    try:
        return [_read(page)]
    except ValidationError as error:
        # The model's own words would quote the value: only its place goes on.
        fields = sorted({".".join(map(str, detail["loc"])) for detail in error.errors()})
    raise PermanentFailure(
        "value.not_allowed",
        "The message satisfies its schema, but not the model of the hub.",
        location=", ".join(fields),
    )


def _read(page: Page) -> Upward:
    head = _head(page.need("Kopf"))
    enclosed = Enclosed(head["id"], page.find_all("Datei"))
    for name, take in _KINDS.items():
        if (body := page.find(name)) is not None:
            message = take(body, head, enclosed)
            enclosed.end()
            return message
    raise _unexpected(page.element)


def _head(page: Page) -> _Head:
    return _Head(
        id=page.need("Sendungsnummer").uuid(),
        application_id=page.optional("Aktenzeichen", Page.application_id),
        answers=page.need("Bezug").uuid(),
        created_at=page.need("Erstellt").moment(),
        test=page.need("Probelauf").truth(),
    )


def _status(body: Page, head: _Head, enclosed: Enclosed) -> Status:
    attachment = enclosed.take_optional("ANLAGE")
    status = body.need("Schluessel").code()
    return Status(**head, status=status, attachment=attachment, documents=enclosed.documents)


def _question(body: Page, head: _Head, enclosed: Enclosed) -> Question:
    return Question(
        **head,
        text=body.need("Text").text(),
        deadline=body.optional("Frist", Page.day),
        attachment=enclosed.take_optional("ANLAGE"),
        documents=enclosed.documents,
    )


def _appointment(body: Page, head: _Head, enclosed: Enclosed) -> Appointment:
    return Appointment(
        **head,
        day=body.optional("Tag", Page.day),
        from_time=body.optional("Von", Page.time_of_day),
        until_time=body.optional("Bis", Page.time_of_day),
        place=body.optional("Anschrift", _building),
        place_note=body.optional("Ortshinweis", Page.text),
        notice=enclosed.take_optional("SCHREIBEN"),
        booking=body.optional("Buchung", Page.text),
        fee_notice=enclosed.take_optional("GEBUEHR"),
        hints=body.optional("Hinweise", Page.text),
        documents=enclosed.documents,
    )


def _building(page: Page) -> BuildingAddress:
    return BuildingAddress(
        street=page.need("Strasse").line(),
        house_number=page.need("Hausnummer").line(),
        postcode=page.need("Plz").line(),
        town=page.need("Ort").line(),
    )


def _withdrawal_answer(body: Page, head: _Head, enclosed: Enclosed) -> WithdrawalAnswer:
    return WithdrawalAnswer(
        **head,
        text=body.optional("Text", Page.text),
        attachment=enclosed.take_optional("ANLAGE"),
        documents=enclosed.documents,
    )


def _not_competent(body: Page, head: _Head, _: Enclosed) -> NotCompetent:
    return NotCompetent(
        **head,
        hint=body.need("Hinweis").text(),
        competent_authority=body.optional("ZustaendigeBehoerde", Page.line),
    )


def _intended_refusal(_: Page, head: _Head, enclosed: Enclosed) -> IntendedRefusal:
    return IntendedRefusal(
        **head,
        notice=enclosed.take("SCHREIBEN"),
        fee_notice=enclosed.take_optional("GEBUEHR"),
        documents=enclosed.documents,
    )


def _ending(body: Page, head: _Head, enclosed: Enclosed) -> Ending:
    return Ending(
        **head,
        reason=body.need("Schluessel").code(),
        attachments=enclosed.take_all("ANLAGE"),
        documents=enclosed.documents,
    )


def _agreement(body: Page, head: _Head, enclosed: Enclosed) -> Agreement:
    return Agreement(
        **head,
        agreement=enclosed.take("SCHREIBEN"),
        text=body.optional("Text", Page.text),
        documents=enclosed.documents,
    )


def _recognition_decision(_: Page, head: _Head, enclosed: Enclosed) -> RecognitionDecision:
    return RecognitionDecision(
        **head,
        decision=enclosed.take("SCHREIBEN"),
        confirmation_form=enclosed.take("FORMULAR"),
        documents=enclosed.documents,
    )


def _preliminary_approval(_: Page, head: _Head, enclosed: Enclosed) -> PreliminaryApproval:
    return PreliminaryApproval(
        **head,
        approval=enclosed.take("SCHREIBEN"),
        attachments=enclosed.take_all("ANLAGE"),
        documents=enclosed.documents,
    )


def _receipt(body: Page, head: _Head, _: Enclosed) -> Receipt:
    return Receipt(**head, number=body.optional("Eingangsnummer", Page.line))


def _refusal(body: Page, head: _Head, _: Enclosed) -> Refusal:
    reasons = tuple(
        RefusalReason(code=fault.need("Code").code(), text=fault.optional("Text", Page.text))
        for fault in body.find_all("Fehler")
    )
    return Refusal(**head, reasons=reasons)


def _unexpected(element: Element) -> PermanentFailure:
    return PermanentFailure(
        "message.unexpected",
        "This is no message of Alster to the hub.",
        location=etree.QName(element).localname,
    )


_KINDS: Final[dict[str, Callable[[Page, _Head, Enclosed], Upward]]] = {
    "Sachstand": _status,
    "Rueckfrage": _question,
    "Termin": _appointment,
    "Ruecknahmeantwort": _withdrawal_answer,
    "Unzustaendigkeit": _not_competent,
    "Anhoerung": _intended_refusal,
    "Verfahrensende": _ending,
    "Vereinbarungsentwurf": _agreement,
    "Anerkennungsbescheid": _recognition_decision,
    "Vorabzustimmung": _preliminary_approval,
    "Quittung": _receipt,
    "Abweisung": _refusal,
}
