"""From XAusländer 26.11 to the hub: which message it is, and what it says to the applicant.

One function per message, in the order of their numbers. The author named in the header is
not believed: which authority speaks is known from the door through which it came.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypedDict

from lxml import etree
from pydantic import ValidationError

from adapters.xauslaender.elements import NAMESPACE
from adapters.xauslaender.enclosed import Enclosed
from adapters.xauslaender.read_refusal import REFUSAL, read_refusal
from adapters.xauslaender.reading import (
    application_id,
    code,
    day,
    find,
    line,
    moment,
    need,
    optional,
    path,
    text,
    time_of_day,
    truth,
    unqualified,
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
    RecognitionDecision,
    Status,
    Update,
    Upward,
    WithdrawalAnswer,
)
from hub.xml import Element

__all__ = ["read"]


class _Head(TypedDict):
    id: MessageUuid
    application_id: str
    answers: MessageUuid
    created_at: datetime
    test: bool


def read(document: Element) -> list[Upward]:
    """Translate one document of the system.

    Raises:
        PermanentFailure: it is no message to the applicant and no refusal
            (`message.unexpected`), or something in it cannot be what it should be.
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
    if document.tag == REFUSAL:
        return read_refusal(document)
    take = _MESSAGES.get(str(document.tag))
    if take is None:
        raise PermanentFailure(
            "message.unexpected",
            "This is no message of XAusländer 26.11 to the applicant and no refusal.",
            location=etree.QName(document).localname,
        )
    head = _head(document)
    return take(document, head, Enclosed(head["id"]))


def _head(document: Element) -> _Head:
    identification = unqualified(document, "nachrichtenkopf.g2g/identifikation.nachricht")
    _check_type(document, unqualified(identification, "nachrichtentyp"))
    return _Head(
        id=uuid(unqualified(identification, "nachrichtenUUID")),
        application_id=application_id(need(document, "antragsidentifikation")),
        answers=uuid(need(document, "ausloeserUUID")),
        created_at=moment(unqualified(identification, "erstellungszeitpunkt")),
        test=truth(document.get("test")),
    )


def _check_type(document: Element, kind: Element) -> None:
    # No schema can say it: the header has to name the message that it heads.
    if not etree.QName(document).localname.endswith(f".{code(kind)}"):
        raise PermanentFailure(
            "message.type_mismatch",
            "The header names another type of message than the document is.",
            location=path(kind),
        )


def _question(document: Element, head: _Head, enclosed: Enclosed) -> Question:
    attachment = enclosed.take_optional(document, "anlage")
    return Question(
        **head,
        text=text(need(document, "frage")),
        deadline=optional(find(document, "fristdatum"), day),
        attachment=attachment,
        documents=enclosed.documents,
    )


def _status(document: Element, head: _Head, enclosed: Enclosed) -> Status:
    attachment = enclosed.take_optional(document, "anhang")
    status = code(need(document, "status"))
    return Status(**head, status=status, attachment=attachment, documents=enclosed.documents)


def _appointment(document: Element, head: _Head, enclosed: Enclosed) -> Appointment:
    notice = enclosed.take_optional(document, "terminmitteilung")
    fee_notice = enclosed.take_optional(document, "gebuehrenmitteilung")
    appointment = Appointment(
        **head,
        notice=notice,
        booking=optional(find(document, "onlinevergabe"), text),
        fee_notice=fee_notice,
        hints=optional(find(document, "weitereHinweise"), text),
        documents=enclosed.documents,
    )
    structured = find(document, "strukturierteTermininformationen")
    return appointment if structured is None else _with_time_and_place(appointment, structured)


def _with_time_and_place(appointment: Appointment, structured: Element) -> Appointment:
    on = day(need(structured, "datum"))
    until = find(structured, "uhrzeitBis")
    return appointment.model_copy(
        update={
            "day": on,
            "from_time": time_of_day(need(structured, "uhrzeitAb"), on),
            "until_time": None if until is None else time_of_day(until, on),
            "place": _building(need(structured, "ort")),
            "place_note": optional(find(structured, "weitereAngabenZumOrt"), text),
        }
    )


def _building(element: Element) -> BuildingAddress:
    return BuildingAddress(
        street=line(unqualified(element, "strasse")),
        house_number=line(unqualified(element, "hausnummer")),
        postcode=line(unqualified(element, "postleitzahl")),
        town=line(unqualified(element, "wohnort")),
    )


def _withdrawal_answer(document: Element, head: _Head, enclosed: Enclosed) -> WithdrawalAnswer:
    attachment = enclosed.take_optional(document, "anlage")
    answer = optional(find(document, "rueckmeldung"), text)
    return WithdrawalAnswer(
        **head, text=answer, attachment=attachment, documents=enclosed.documents
    )


def _not_competent(document: Element, head: _Head, _: Enclosed) -> NotCompetent:
    return NotCompetent(
        **head,
        hint=text(need(document, "hinweis")),
        competent_authority=optional(find(document, "zustaendigeABH"), line),
    )


def _intended_refusal(document: Element, head: _Head, enclosed: Enclosed) -> IntendedRefusal:
    notice = enclosed.take(document, "mitteilung")
    fee_notice = enclosed.take_optional(document, "gebuehrenmitteilung")
    return IntendedRefusal(
        **head, notice=notice, fee_notice=fee_notice, documents=enclosed.documents
    )


def _ending(document: Element, head: _Head, enclosed: Enclosed) -> Ending:
    attachments = enclosed.take_all(document, "anhang")
    reason = code(need(document, "anlass"))
    return Ending(**head, reason=reason, attachments=attachments, documents=enclosed.documents)


def _agreement(document: Element, head: _Head, enclosed: Enclosed) -> Agreement:
    agreement = enclosed.take(document, "vereinbarung")
    note = optional(find(document, "mitteilung"), text)
    return Agreement(**head, agreement=agreement, text=note, documents=enclosed.documents)


def _recognition_decision(
    document: Element, head: _Head, enclosed: Enclosed
) -> RecognitionDecision:
    decision = enclosed.take(document, "bescheid")
    form = enclosed.take(document, "empfangsbestaetigung")
    return RecognitionDecision(
        **head, decision=decision, confirmation_form=form, documents=enclosed.documents
    )


def _preliminary_approval(
    document: Element, head: _Head, enclosed: Enclosed
) -> PreliminaryApproval:
    approval = enclosed.take(document, "vorabzustimmung")
    attachments = enclosed.take_all(document, "anlage")
    return PreliminaryApproval(
        **head, approval=approval, attachments=attachments, documents=enclosed.documents
    )


_Take = Callable[[Element, _Head, Enclosed], Update]

_BY_NAME: Final[dict[str, _Take]] = {
    "OZG.RueckkanalFrage.130102": _question,
    "OZG.Statusmeldung.130104": _status,
    "OZG.Terminmitteilung.130105": _appointment,
    "OZG.RuecknahmeReaktion.130107": _withdrawal_answer,
    "OZG.Unzustaendig.130109": _not_competent,
    "OZG.BeabsichtigteAblehnung.130110": _intended_refusal,
    "OZG.Beendigung.130402": _ending,
    "OZG.Vereinbarung.130403": _agreement,
    "OZG.BescheidAnerkennungsstelle.130405": _recognition_decision,
    "OZG.Vorabzustimmung.130407": _preliminary_approval,
}
_MESSAGES: Final = {f"{{{NAMESPACE}}}{name}": take for name, take in _BY_NAME.items()}
