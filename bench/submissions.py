"""The submissions that everybody is given: one person, documents of one size, ids of their own."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from hub.model.document import Document
from hub.model.downward import downward
from hub.model.identifiers import AuthorityKey, DocumentId
from hub.sandbox.papers import pdf
from tests.builders import a_submission

__all__ = ["SERVICE", "Given", "Submissions", "authorities"]

SERVICE: Final = "employment"
_ID: Final = UUID("00000000-0000-4000-8000-00000000f222")
"""Stands in the template where each submission's own id belongs."""
_DOCUMENT: Final = DocumentId(UUID("00000000-0000-4000-8000-00000000f333"))


@dataclass(frozen=True, slots=True)
class Given:
    """One submission as its online service has it."""

    id: str
    authority: AuthorityKey
    body: bytes


class Submissions:
    """Makes them, for the authorities in turn, each with one document of so many bytes or none."""

    def __init__(self, keys: Sequence[AuthorityKey], document_bytes: int) -> None:
        documents = () if document_bytes == 0 else (_document(document_bytes),)
        self._template = downward.dump_json(
            a_submission(
                id=_ID, authority=keys[0], service=SERVICE, documents=0, documents_given=documents
            )
        )
        self._keys = keys
        self._next = 0

    def take(self) -> Given:
        """The next one."""
        key = self._keys[self._next % len(self._keys)]
        self._next += 1
        made = str(uuid4())
        body = self._template.replace(str(_ID).encode(), made.encode(), 1)
        return Given(made, key, body.replace(_addressed(self._keys[0]), _addressed(key), 1))


def _addressed(key: AuthorityKey) -> bytes:
    return f'"authority":"{key}"'.encode()


def authorities(count: int) -> list[AuthorityKey]:
    """So many keys that nobody has."""
    return [AuthorityKey(f"99{number:04}") for number in range(count)]


def _document(size: int) -> Document:
    content = pdf("Nachweis", padding=size)
    return Document(
        id=_DOCUMENT,
        media_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        file_name="nachweis.pdf",
        content=base64.b64encode(content),
    )
