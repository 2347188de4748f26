"""The parts of messages: ids, documents, people. Nobody here exists."""

import base64
import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from hub.model.dates import PartialDate
from hub.model.document import Document, MediaType
from hub.model.downward import Party
from hub.model.identifiers import DocumentId
from hub.model.person import Birth, BuildingAddress, IdentityDocument, Name, Person
from hub.proof.situation import SENDER

NOW = datetime(2026, 11, 2, 8, 15, tzinfo=UTC)

_NAMESPACE = UUID("00000000-0000-4000-8000-000000000000")
_AROUND: dict[MediaType, tuple[bytes, bytes]] = {
    "application/pdf": (b"%PDF-1.7\n", b"\n%%EOF\n"),
    "image/jpeg": (b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02", b"\xff\xd9"),
}


def an_id(name: str) -> UUID:
    """Always the same id for the same name."""
    return uuid5(_NAMESPACE, name)


def a_document(
    name: str = "document",
    *,
    media_type: MediaType = "application/pdf",
    size: int = 64,
    file_name: str | None = None,
) -> Document:
    """A document of exactly `size` bytes, its content inline."""
    return a_document_of(an_id(name), name, media_type, size, file_name)


def a_document_of(
    id_: UUID,
    name: str = "document",
    media_type: MediaType = "application/pdf",
    size: int = 64,
    file_name: str | None = None,
) -> Document:
    """As `a_document`, with an id that something else already names."""
    begin, end = _AROUND[media_type]
    inside = max(0, size - len(begin) - len(end))
    filling = (f"{name} ".encode() * (inside // len(name) + 1))[:inside]
    content = (begin + filling + end)[:size]
    return Document(
        id=DocumentId(id_),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size=size,
        file_name=file_name,
        content=base64.b64encode(content),
    )


def a_building(**given: Any) -> BuildingAddress:
    values: dict[str, Any] = {
        "street": "Musterstraße",
        "house_number": "1",
        "postcode": "00000",
        "town": "Musterstadt",
    }
    return BuildingAddress(**values | given)


def a_party(**given: Any) -> Party:
    return SENDER.model_copy(update=given)


def a_birth() -> Birth:
    return Birth(place="Musterort", state="121", day=PartialDate(year=1990, month=5, day=17))


def person_values(**given: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "first_name": Name(text="Erika Đặng"),
        "family_name": Name(text="Muster"),
        "gender": "w",
        "birth": a_birth(),
        "marital_status": "LD",
        "nationalities": ("121",),
        "address": a_building(),
    }
    return values | given


def a_person(**given: Any) -> Person:
    return Person(**person_values(**given))


def an_identity_document(*pages: UUID) -> IdentityDocument:
    return IdentityDocument(
        serial_number="X00000000",
        valid_from=date(2020, 1, 1),
        valid_until=date(2030, 1, 1),
        pages=tuple(DocumentId(page) for page in pages),
    )
