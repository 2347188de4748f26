"""Messages from the system: updates for the applicant, receipts and refusals for the hub.

`answers` is the `ausloeserUUID`: the message to the authority that it follows. Documents are
embedded in the vendor's message; a reader gives each an id made from the message's own
(`embedded`), so that reading twice gives the same.
"""

import hashlib
from datetime import date, time
from typing import Annotated, Final, Literal, Self
from uuid import uuid5

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter

from hub.model.codes import EndingReason, StatusCode
from hub.model.dates import within_reason
from hub.model.document import Document, MediaType
from hub.model.identifiers import ApplicationId, DocumentId, MessageUuid
from hub.model.person import BuildingAddress
from hub.model.record import Record
from hub.model.text import LongText, Text

__all__ = [
    "Agreement",
    "Appointment",
    "Ending",
    "IntendedRefusal",
    "NotCompetent",
    "PreliminaryApproval",
    "Question",
    "Receipt",
    "RecognitionDecision",
    "Refusal",
    "RefusalReason",
    "Status",
    "Update",
    "UpdateKind",
    "Upward",
    "UpwardKind",
    "WithdrawalAnswer",
    "embedded",
    "update",
    "upward",
]


def embedded(message: MessageUuid, role: str, media_type: MediaType, content: bytes) -> Document:
    """A document out of a vendor's message; `role` tells it from the others of that message."""
    return Document.model_construct(
        id=DocumentId(uuid5(message, role)),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        file_name=None,
        content=content,
    )


class _Upward(Record):
    id: MessageUuid
    application_id: ApplicationId | None = None
    answers: MessageUuid
    created_at: Annotated[AwareDatetime, AfterValidator(within_reason)]
    test: bool = False
    documents: tuple[Document, ...] = ()

    def without_content(self) -> Self:
        """The same message; its documents are still named, by their hash."""
        bare = tuple(each.model_copy(update={"content": None}) for each in self.documents)
        return self.model_copy(update={"documents": bare})


class Status(_Upward):
    """How far the authority is (130104)."""

    type: Literal["status"] = "status"
    status: StatusCode
    attachment: DocumentId | None = None


class Question(_Upward):
    """What the authority wants to know, perhaps until a day (130102)."""

    type: Literal["question"] = "question"
    text: LongText
    deadline: date | None = None
    attachment: DocumentId | None = None


class Appointment(_Upward):
    """When and where to come, or where to book a time (130105); may bring a fee notice."""

    type: Literal["appointment"] = "appointment"
    day: date | None = None
    from_time: time | None = None
    until_time: time | None = None
    place: BuildingAddress | None = None
    place_note: LongText | None = None
    notice: DocumentId | None = None
    booking: LongText | None = None
    fee_notice: DocumentId | None = None
    hints: LongText | None = None


class WithdrawalAnswer(_Upward):
    """What the authority says to a withdrawal (130107)."""

    type: Literal["withdrawal_answer"] = "withdrawal_answer"
    text: LongText | None = None
    attachment: DocumentId | None = None


class NotCompetent(_Upward):
    """The authority is not competent, and perhaps says which one is (130109)."""

    type: Literal["not_competent"] = "not_competent"
    hint: LongText
    competent_authority: Text | None = None


class IntendedRefusal(_Upward):
    """The authority means to refuse, and hears the applicant first (130110)."""

    type: Literal["intended_refusal"] = "intended_refusal"
    notice: DocumentId
    fee_notice: DocumentId | None = None


class Ending(_Upward):
    """The fast-track procedure ends (130402)."""

    type: Literal["ending"] = "ending"
    reason: EndingReason
    attachments: tuple[DocumentId, ...] = ()


class Agreement(_Upward):
    """The agreement that the employer is to sign (130403)."""

    type: Literal["agreement"] = "agreement"
    agreement: DocumentId
    text: LongText | None = None


class RecognitionDecision(_Upward):
    """The recognition body's decision, with the form that confirms its receipt (130405)."""

    type: Literal["recognition_decision"] = "recognition_decision"
    decision: DocumentId
    confirmation_form: DocumentId


class PreliminaryApproval(_Upward):
    """The authority agrees in advance to the visa (130407)."""

    type: Literal["preliminary_approval"] = "preliminary_approval"
    approval: DocumentId
    attachments: tuple[DocumentId, ...] = ()


class Receipt(_Upward):
    """The system has taken the message named by `answers` into its hands."""

    type: Literal["receipt"] = "receipt"
    number: Text | None = None


class RefusalReason(Record):
    """One reason: an error code (XInneres list, T/X/V/S) and the system's own words."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,9}$")]
    text: LongText | None = None


class Refusal(_Upward):
    """The system refuses the message named by `answers` (`rueckweisung.asynchron.0010`)."""

    type: Literal["refusal"] = "refusal"
    reasons: Annotated[tuple[RefusalReason, ...], Field(min_length=1)]


UpdateKind = Literal[
    "status",
    "question",
    "appointment",
    "withdrawal_answer",
    "not_competent",
    "intended_refusal",
    "ending",
    "agreement",
    "recognition_decision",
    "preliminary_approval",
]
UpwardKind = UpdateKind | Literal["receipt", "refusal"]

Update = (
    Status
    | Question
    | Appointment
    | WithdrawalAnswer
    | NotCompetent
    | IntendedRefusal
    | Ending
    | Agreement
    | RecognitionDecision
    | PreliminaryApproval
)
"""What the applicant reads."""

Upward = Update | Receipt | Refusal

update: Final[TypeAdapter[Update]] = TypeAdapter(
    Annotated[Update, Field(discriminator="type")],
    config=ConfigDict(hide_input_in_errors=True),
)
"""Reads and writes what the applicant reads as JSON."""

upward: Final[TypeAdapter[Upward]] = TypeAdapter(
    Annotated[Upward, Field(discriminator="type")],
    config=ConfigDict(hide_input_in_errors=True),
)
"""Reads and writes any message from a system as JSON."""
