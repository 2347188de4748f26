"""Documents: PDF or JPEG, named by id, proven by their hash."""

import binascii
from typing import Annotated, Final, Literal, Self

import pybase64
from pydantic import EncodedBytes, EncoderProtocol, Field, model_validator

from hub.model.identifiers import DocumentId, Sha256
from hub.model.record import Record
from hub.model.text import Text

__all__ = ["MAX_DOCUMENT_BYTES", "Document", "Evidence", "MediaType", "media_type_of"]

MediaType = Literal["application/pdf", "image/jpeg"]
"""XAusländer 26.11, list `dokumentformat` version 2: PDF and JPG, nothing else."""

MAX_DOCUMENT_BYTES: Final = 100 * 1024 * 1024
"""The hub's own bound for one document; the standard bounds a message, not a document."""


_BEGINNINGS: Final[dict[bytes, MediaType]] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
}


def media_type_of(content: bytes) -> MediaType | None:
    """What a document is by its first bytes; None if it is neither PDF nor JPEG."""
    found = (kind for begin, kind in _BEGINNINGS.items() if content.startswith(begin))
    return next(found, None)


class _StrictBase64(EncoderProtocol):
    # pydantic's own Base64Bytes skips characters outside the alphabet: plain bytes given by
    # mistake, or a damaged document, would be decoded to other bytes instead of refused.
    # pybase64: a sixth of the standard library's time, and no "=" too many is accepted.
    @classmethod
    def decode(cls, data: bytes) -> bytes:
        try:
            return pybase64.b64decode(data, validate=True)
        except binascii.Error:
            raise ValueError("is not base64 (RFC 4648, section 4)") from None

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return pybase64.b64encode(value)

    @classmethod
    def get_json_format(cls) -> Literal["base64"]:
        return "base64"


class Document(Record):
    """One document. `content` travels inline, or was put to the hub before, under its hash.

    `Document(...)` takes `content` as JSON has it, in base64; the attribute holds the bytes.
    """

    id: DocumentId
    media_type: MediaType
    sha256: Sha256
    size: Annotated[int, Field(gt=0, le=MAX_DOCUMENT_BYTES)]
    file_name: Text | None = None
    content: Annotated[bytes, EncodedBytes(encoder=_StrictBase64)] | None = None

    @model_validator(mode="after")
    def _size_is_true(self) -> Self:
        if self.content is not None and len(self.content) != self.size:
            raise ValueError("size is not the number of bytes in content")
        return self


class Evidence(Record):
    """A document that proves something, with the title under which it was asked for."""

    document: DocumentId
    title: Text
