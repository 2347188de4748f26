"""From Isar to the hub: the document's name says which message it is, its attributes the rest."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypedDict

from lxml import etree
from pydantic import ValidationError

from adapters.isar.elements import NAMESPACE
from adapters.isar.enclosed import Enclosed
from adapters.isar.tables import ENDING_REASONS, REJECTIONS, STATUSES
from adapters.isar.values import (
    application_id,
    attribute,
    day,
    find_all,
    line,
    missing,
    moment,
    path,
    text,
    text_of,
    time_of_day,
    truth,
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
    name = etree.QName(document)
    take = _KINDS.get(name.localname) if name.namespace == NAMESPACE else None
    if take is None:
        raise PermanentFailure(
            "message.unexpected",
            "This is no message of Isar 2.1 to the applicant and no receipt or rejection.",
            location=name.localname,
        )
    head = _head(document)
    try:
        return [take(document, head, Enclosed(document, head["id"]))]
    except ValidationError as error:
        # The model's own words would quote the value: only its place goes on.
        fields = sorted({".".join(map(str, detail["loc"])) for detail in error.errors()})
    raise PermanentFailure(
        "value.not_allowed",
        "The message satisfies its schema, but not the model of the hub.",
        location=", ".join(fields),
    )


def _head(document: Element) -> _Head:
    return _Head(
        id=uuid(document, "id"),
        application_id=application_id(document, "application"),
        answers=uuid(document, "inReplyTo"),
        created_at=moment(document, "created"),
        test=truth(document, "test"),
    )


def _needed_text(document: Element) -> str:
    found = text(document, "Text")
    if found is None:
        raise missing(f"{path(document)}/Text")
    return found


def _receipt(document: Element, head: _Head, _: Enclosed) -> Receipt:
    return Receipt(**head, number=line(document, "case"))


def _rejection(document: Element, head: _Head, _: Enclosed) -> Refusal:
    reasons = tuple(
        RefusalReason(
            code=REJECTIONS.code(attribute(each, "code")),
            text=text_of(each) if each.text else None,
        )
        for each in find_all(document, "Reason")
    )
    return Refusal(**head, reasons=reasons)


def _status(document: Element, head: _Head, enclosed: Enclosed) -> Status:
    status = STATUSES.code(attribute(document, "status"))
    attachment = enclosed.take_optional("Attachment")
    return Status(**head, status=status, attachment=attachment, documents=enclosed.documents)


def _question(document: Element, head: _Head, enclosed: Enclosed) -> Question:
    attachment = enclosed.take_optional("Attachment")
    return Question(
        **head,
        text=_needed_text(document),
        deadline=day(document, "deadline"),
        attachment=attachment,
        documents=enclosed.documents,
    )


def _appointment(document: Element, head: _Head, enclosed: Enclosed) -> Appointment:
    notice = enclosed.take_optional("Notice")
    fee_notice = enclosed.take_optional("FeeNotice")
    return Appointment(
        **head,
        day=day(document, "day"),
        from_time=time_of_day(document, "from"),
        until_time=time_of_day(document, "until"),
        place=_place(document),
        place_note=text(document, "PlaceNote"),
        notice=notice,
        booking=text(document, "Booking"),
        fee_notice=fee_notice,
        hints=text(document, "Hints"),
        documents=enclosed.documents,
    )


def _place(document: Element) -> BuildingAddress | None:
    names = ("street", "houseNumber", "postcode", "town")
    if all(document.get(name) is None for name in names):
        return None
    street, house_number, postcode, town = (attribute(document, name) for name in names)
    return BuildingAddress(street=street, house_number=house_number, postcode=postcode, town=town)


def _withdrawal_answer(document: Element, head: _Head, enclosed: Enclosed) -> WithdrawalAnswer:
    attachment = enclosed.take_optional("Attachment")
    return WithdrawalAnswer(
        **head,
        text=text(document, "Text"),
        attachment=attachment,
        documents=enclosed.documents,
    )


def _not_competent(document: Element, head: _Head, _: Enclosed) -> NotCompetent:
    return NotCompetent(
        **head,
        hint=_needed_text(document),
        competent_authority=line(document, "competentAuthority"),
    )


def _intended_refusal(_: Element, head: _Head, enclosed: Enclosed) -> IntendedRefusal:
    notice, fee_notice = enclosed.take("Notice"), enclosed.take_optional("FeeNotice")
    return IntendedRefusal(
        **head, notice=notice, fee_notice=fee_notice, documents=enclosed.documents
    )


def _ending(document: Element, head: _Head, enclosed: Enclosed) -> Ending:
    attachments = enclosed.take_each("Attachment")
    reason = ENDING_REASONS.code(attribute(document, "reason"))
    return Ending(**head, reason=reason, attachments=attachments, documents=enclosed.documents)


def _agreement(document: Element, head: _Head, enclosed: Enclosed) -> Agreement:
    agreement = enclosed.take("Agreement")
    return Agreement(
        **head,
        agreement=agreement,
        text=text(document, "Text"),
        documents=enclosed.documents,
    )


def _recognition(_: Element, head: _Head, enclosed: Enclosed) -> RecognitionDecision:
    decision, form = enclosed.take("Decision"), enclosed.take("ConfirmationForm")
    return RecognitionDecision(
        **head, decision=decision, confirmation_form=form, documents=enclosed.documents
    )


def _approval(_: Element, head: _Head, enclosed: Enclosed) -> PreliminaryApproval:
    approval, attachments = enclosed.take("Approval"), enclosed.take_each("Attachment")
    return PreliminaryApproval(
        **head, approval=approval, attachments=attachments, documents=enclosed.documents
    )


_KINDS: Final[dict[str, Callable[[Element, _Head, Enclosed], Upward]]] = {
    "CaseReceipt": _receipt,
    "CaseRejection": _rejection,
    "StatusUpdate": _status,
    "QuestionUpdate": _question,
    "AppointmentUpdate": _appointment,
    "WithdrawalUpdate": _withdrawal_answer,
    "NotCompetentUpdate": _not_competent,
    "HearingUpdate": _intended_refusal,
    "EndingUpdate": _ending,
    "AgreementUpdate": _agreement,
    "RecognitionUpdate": _recognition,
    "ApprovalUpdate": _approval,
}
