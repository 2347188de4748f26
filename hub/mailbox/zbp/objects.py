"""The two objects of the ZBP, made of a letter: the message, and the status beside it.

Names and limits are those that a public client library enforces (optiGov/php-fitconnect, MIT,
`ZbpMessage` and `ZbpState`); the provider's own documentation is not public. It counts characters
(Unicode code points), and so do we. What is too long for a field that only labels the letter is
shortened, and said so; content and documents always go whole.

Not sent: `retrievalConfirmationAddress`, an e-mail address to which read receipts go, since the hub
receives no mail; `replyAddress`, since the mailbox carries no answer to an authority's question;
`senderUrl`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.alias_generators import to_camel

from hub.mailbox.zbp.mapping import Row, Status
from hub.mailbox.zbp.shortening import shorten
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter
from hub.model.record import Record

__all__ = ["Attachment", "File", "Message", "State", "Written", "message_of", "state_of"]

_SENDER: Final = 255
_TITLE: Final = 1024
_SERVICE: Final = 255
_STATE_NAME: Final = 100
_STATE_DETAILS: Final = 50
_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg"}


class _Object(Record):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    def as_json(self) -> str:
        """What is signed: the object as text."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class Attachment(_Object):
    """A document as the message names it; its bytes travel beside it."""

    filename: Annotated[str, Field(min_length=1, max_length=4000)]
    sha512sum: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$", alias="sha512sum")]
    content_length: int


class Message(_Object):
    """The letter. `reference` is its id, by which a repeated one can be recognised."""

    stork_qaa_level: Annotated[int, Field(ge=1, le=4, alias="stork_qaa_level")]
    mailbox_uuid: UUID
    sender: Annotated[str, Field(min_length=1, max_length=_SENDER)]
    title: Annotated[str, Field(min_length=1, max_length=_TITLE)]
    content: Annotated[str, Field(min_length=1)]
    service: Annotated[str, Field(min_length=1, max_length=_SERVICE)]
    application_id: CaseId
    reference: MessageUuid
    attachments: tuple[Attachment, ...] | None = None


class _German(_Object):
    de: str


class _Name(_German):
    de: Annotated[str, Field(min_length=1, max_length=_STATE_NAME)]


class _Details(_German):
    de: Annotated[str, Field(min_length=1, max_length=_STATE_DETAILS)]


class State(_Object):
    """How far the case is, for the status monitor."""

    application_id: CaseId
    status: Status
    public_service_name: _Name
    sender_name: Annotated[str, Field(min_length=1, max_length=_STATE_NAME)]
    status_details: _Details
    reference: MessageUuid
    created_date: AwareDatetime


@dataclass(frozen=True, slots=True)
class File:
    """A document's bytes, under the name that the message gives it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A message, the files beside it, and how long was what had to be shortened, by field."""

    message: Message
    files: tuple[File, ...]
    shortened: Mapping[str, int]


def message_of(letter: Letter, service: str) -> Written:
    """Write the letter as a message; the same letter always gives the same one.

    Raises:
        PermanentFailure: the account is no mailbox of the BundID, or a document is not at hand.
    """
    files = tuple(_file(document) for document in letter.documents)
    labels = {
        "sender": (letter.sender, _SENDER),
        "title": (letter.title, _TITLE),
        "service": (service, _SERVICE),
    }
    short = {name: shorten(text, limit) for name, (text, limit) in labels.items()}
    message = Message(
        stork_qaa_level=letter.mailbox.trust_level,
        mailbox_uuid=_mailbox(letter),
        content=letter.body,
        application_id=letter.case,
        reference=letter.id,
        attachments=tuple(map(_attachment, files)) or None,
        **short,
    )
    cut = {name: len(text) for name, (text, limit) in labels.items() if len(text) > limit}
    return Written(message, files, cut)


def state_of(letter: Letter, row: Row, status: Status, service: str) -> State:
    """The status object that goes with the letter."""
    return State(
        application_id=letter.case,
        status=status,
        public_service_name=_Name(de=shorten(service, _STATE_NAME)),
        sender_name=shorten(letter.sender, _STATE_NAME),
        status_details=_Details(de=shorten(row.details, _STATE_DETAILS)),
        reference=letter.id,
        created_date=letter.created_at,
    )


def _mailbox(letter: Letter) -> UUID:
    try:
        return UUID(letter.mailbox.account)
    except ValueError:
        raise PermanentFailure(
            "mailbox.account",
            "The account is no mailbox of the BundID: those are named by a UUID.",
            location="mailbox.account",
        ) from None


def _file(document: Document) -> File:
    if document.content is None:
        raise PermanentFailure("document.missing", "A document of the letter is not at hand.")
    name = document.file_name or f"{document.id}.{_ENDINGS[document.media_type]}"
    # A name stands in a header of its part: no line may end in it.
    return File(" ".join(name.split()), document.media_type, document.content)


def _attachment(file: File) -> Attachment:
    return Attachment(
        filename=file.name,
        sha512sum=hashlib.sha512(file.content).hexdigest(),
        content_length=len(file.content),
    )
