"""A letter: an update as the applicant reads it, in their language."""

from pydantic import AwareDatetime

from hub.model.document import Document
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.record import Record

__all__ = ["Letter", "Provided"]


class Letter(Record):
    """What a mailbox provider is given. `body` is plain text in paragraphs.

    `about` is the update it tells of: what a reply names in its `answers`.
    """

    id: MessageUuid
    about: MessageUuid
    case: CaseId
    application_id: ApplicationId
    kind: str
    language: Language
    mailbox: MailboxAddress
    sender: str
    title: str
    body: str
    documents: tuple[Document, ...] = ()
    created_at: AwareDatetime


class Provided(Record):
    """The provider has the letter; `at` is the time of provision (OZG § 9)."""

    at: AwareDatetime
    provider_reference: str | None = None
