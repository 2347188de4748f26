"""A letter: an update as the applicant reads it, in their language."""

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime

from hub.model.codes import StatusCode
from hub.model.document import Document
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.record import Record

__all__ = ["Letter", "Provided", "Shortfall"]


class Letter(Record):
    """What a mailbox provider is given. `body` is plain text in paragraphs.

    `about` is the update it tells of: what a reply names in its `answers`. `status` is the code of
    a letter of that kind: mailboxes may show how far a case is apart from any text.
    """

    id: MessageUuid
    about: MessageUuid
    case: CaseId
    application_id: ApplicationId
    kind: str
    status: StatusCode | None = None
    language: Language
    mailbox: MailboxAddress
    sender: str
    title: str
    body: str
    documents: tuple[Document, ...] = ()
    created_at: AwareDatetime


class Shortfall(Record):
    """What could not be done although the letter lies in the mailbox, and why.

    `event` is its word in the journal. The letter counts as provided: taking it back is impossible,
    and to keep those behind it waiting would harm the applicant more.
    """

    event: Literal["notice_failed", "status_failed"]
    cause: str


class Provided(Record):
    """The provider has the letter; `at` is the time of provision (OZG § 9).

    `detail` is for the journal: codes and counts, never content.
    """

    at: AwareDatetime
    provider_reference: str | None = None
    detail: Mapping[str, str | int] = {}
    shortfall: Shortfall | None = None
