"""Messages to the authority: the submission that begins a case, and what follows it.

What enters `hub.submissions` is one of these as JSON, told apart by `type`. Every message
has an id of its own, chosen by its sender; it becomes the `nachrichtenUUID`.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from hub.model.dates import within_reason
from hub.model.details import Details, Service
from hub.model.document import Document
from hub.model.identifiers import (
    ApplicationId,
    Ars,
    AuthorityKey,
    AzrNumber,
    CaseId,
    DirectoryKey,
    DocumentId,
    LeikaKey,
    MessageUuid,
)
from hub.model.person import Address, Contact
from hub.model.record import Record
from hub.model.text import LongText, Text

__all__ = [
    "AgreementReply",
    "Downward",
    "DownwardKind",
    "Language",
    "MailboxAddress",
    "Party",
    "ReceiptConfirmation",
    "Reply",
    "Submission",
    "Withdrawal",
    "downward",
]

DownwardKind = Literal[
    "submission", "reply", "withdrawal", "agreement_reply", "receipt_confirmation"
]

Language = Literal["de", "en", "fr", "es", "tr", "ru", "uk", "ar", "fa"]
"""Language of the applicant's letters (BCP 47). XAusländer has no element for it."""


class Party(Record):
    """The online service as author of messages: its entry in the services directory."""

    key: DirectoryKey
    name: Text
    address: Address
    contacts: tuple[Contact, ...] = ()


class MailboxAddress(Record):
    """Where the applicant reads letters."""

    provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9._@+-]{1,320}$")]
    trust_level: Annotated[int, Field(ge=1, le=4)] = 1


def _referenced(value: Record | tuple[object, ...]) -> Iterator[DocumentId]:
    """Every document id below `value`, wherever the details name one."""
    for item in value if isinstance(value, tuple) else value.__dict__.values():
        if item is None or isinstance(item, str):  # most are; to be told from a record costs more
            continue
        if isinstance(item, UUID):
            yield DocumentId(item)
        elif isinstance(item, tuple | Record):
            yield from _referenced(item)


class _Downward(Record):
    id: MessageUuid
    test: bool = False
    created_at: Annotated[AwareDatetime, AfterValidator(within_reason)]
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _documents_once(self) -> Self:
        if len({document.id for document in self.documents}) != len(self.documents):
            raise ValueError("two documents have the same id")
        return self

    def without_content(self) -> Self:
        """The same message; its documents are still named, by their hash."""
        bare = tuple(each.model_copy(update={"content": None}) for each in self.documents)
        return self.model_copy(update={"documents": bare})


class Submission(_Downward):
    """One application with its documents.

    Names the authority by its key, or a place by its regional key: exactly one of them.
    Without `back_channel` nothing ever goes up to the applicant; with it, `mailbox` is needed.
    """

    type: Literal["submission"] = "submission"
    application_id: ApplicationId
    leika: LeikaKey | None = None
    authority: AuthorityKey | None = None
    place: Ars | None = None
    sender: Party
    language: Language = "de"
    back_channel: bool
    mailbox: MailboxAddress | None = None
    azr_number: AzrNumber | None = None
    details: Details

    @property
    def service(self) -> Service:
        """The online service it came from."""
        return self.details.service

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        if (self.authority is None) == (self.place is None):
            raise ValueError("give either authority or place")
        return self

    @model_validator(mode="after")
    def _mailbox_for_back_channel(self) -> Self:
        if self.back_channel and self.mailbox is None:
            raise ValueError("back_channel needs a mailbox")
        return self

    @model_validator(mode="after")
    def _documents_used(self) -> Self:
        named, given = list(_referenced(self.details)), {document.id for document in self.documents}
        if missing := [str(id_) for id_ in named if id_ not in given]:
            raise ValueError(f"details name documents that are not listed: {', '.join(missing)}")
        if unused := [str(id_) for id_ in given if id_ not in named]:
            raise ValueError(f"documents that no detail names would be lost: {', '.join(unused)}")
        if len(set(named)) != len(named):
            raise ValueError("details name one document twice")
        return self


class Reply(_Downward):
    """The applicant's answer to a question (130103)."""

    type: Literal["reply"] = "reply"
    case: CaseId
    answers: MessageUuid
    text: LongText | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.text is None and not self.documents:
            raise ValueError("give a text or a document")
        return self


class Withdrawal(_Downward):
    """Taking the application back (130111). The standard gives it no text and no documents."""

    type: Literal["withdrawal"] = "withdrawal"
    case: CaseId

    @model_validator(mode="after")
    def _no_documents(self) -> Self:
        if self.documents:
            raise ValueError("a withdrawal carries no documents")
        return self


class _OneDocument(_Downward):
    case: CaseId
    answers: MessageUuid

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.documents) != 1:
            raise ValueError("give exactly one document")
        return self


class AgreementReply(_OneDocument):
    """The employer's answer to the agreement, § 81a AufenthG (130404)."""

    type: Literal["agreement_reply"] = "agreement_reply"


class ReceiptConfirmation(_OneDocument):
    """The employer confirms having received the recognition decision, § 81a (130406)."""

    type: Literal["receipt_confirmation"] = "receipt_confirmation"


Downward = Submission | Reply | Withdrawal | AgreementReply | ReceiptConfirmation

downward: Final[TypeAdapter[Downward]] = TypeAdapter(
    Annotated[Downward, Field(discriminator="type")],
    config=ConfigDict(hide_input_in_errors=True),
)
"""Reads and writes any message to the authority as JSON."""
