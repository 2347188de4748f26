"""A letter: an update as the applicant reads it, in their language."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from hub.model.codes import StatusCode
from hub.model.document import Document
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.record import Record

__all__ = ["Enclosure", "Letter", "Part", "Provided", "Shortfall"]


class Part(Record):
    """All that the letter says, in one language: plain text in paragraphs.

    `heading` is what that language calls itself, where a letter has several parts.
    """

    language: Language
    right_to_left: bool = False
    heading: str | None = None
    text: str


class Enclosure(Document):
    """A document under a name that its reader understands, in any script."""

    file_name: str | None = None


class Letter(Record):
    """What a mailbox provider is given.

    `about` is the update it tells of: what a reply names in its `answers`. The title is in the
    language of the first part; where there are several, in all of them. `status` is the code of a
    letter of that kind: mailboxes may show how far a case is apart from any text.
    """

    id: MessageUuid
    about: MessageUuid
    case: CaseId
    application_id: ApplicationId
    kind: str
    status: StatusCode | None = None
    mailbox: MailboxAddress
    sender: str
    title: str
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    documents: tuple[Enclosure, ...] = ()
    created_at: AwareDatetime

    @property
    def language(self) -> Language:
        """The language in which it is written or, of several, begins."""
        return self.parts[0].language

    @property
    def body(self) -> str:
        """Everything it says as plain text, for places that know neither language nor direction."""
        return "\n\n".join(
            f"*** {part.heading} ***\n\n{part.text}" if part.heading else part.text
            for part in self.parts
        )

    @model_validator(mode="before")
    @classmethod
    def _of_one_text(cls, given: Any) -> Any:
        # Letters were kept as one text in one language before they had parts.
        if isinstance(given, Mapping) and "body" in given:
            older = dict(given)
            part = {"language": older.pop("language"), "text": older.pop("body")}
            return {**older, "parts": (part,)}
        return given


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
