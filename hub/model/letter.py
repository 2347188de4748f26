"""A letter: an update as the applicant reads it, in their language."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from hub.model.document import Document
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.record import Record

__all__ = ["Enclosure", "Letter", "Part", "Provided"]


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
    language of the first part; where there are several, in all of them.
    """

    id: MessageUuid
    about: MessageUuid
    case: CaseId
    application_id: ApplicationId
    kind: str
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


class Provided(Record):
    """The provider has the letter; `at` is the time of provision (OZG § 9)."""

    at: AwareDatetime
    provider_reference: str | None = None
