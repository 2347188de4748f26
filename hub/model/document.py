"""Documents: PDF or JPEG, named by id, proven by their hash."""

from typing import Annotated, Final, Literal

from pydantic import Base64Bytes, Field

from hub.model.identifiers import DocumentId, Sha256
from hub.model.record import Record
from hub.model.text import Text

__all__ = ["MAX_DOCUMENT_BYTES", "Document", "Evidence", "MediaType"]

MediaType = Literal["application/pdf", "image/jpeg"]
"""XAusländer 26.11, list `dokumentformat` version 2: PDF and JPG, nothing else."""

MAX_DOCUMENT_BYTES: Final = 100 * 1024 * 1024
"""The hub's own bound for one document; the standard bounds a message, not a document."""


class Document(Record):
    """One document. `content` travels inline, or was put to the hub before, under its hash."""

    id: DocumentId
    media_type: MediaType
    sha256: Sha256
    size: Annotated[int, Field(gt=0, le=MAX_DOCUMENT_BYTES)]
    file_name: Text | None = None
    content: Base64Bytes | None = None


class Evidence(Record):
    """A document that proves something, with the title under which it was asked for."""

    document: DocumentId
    title: Text
