"""Documents that an adapter embeds: marks in its process, their bytes only in what is sent.

Without its documents a message is small: it is checked, serialised and told in a moment, and what
an applicant has uploaded never enters the process of a vendor's code. A mark is base64, of which
the schemas say what they would say of the document.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.adapter import Context
from hub.model.document import Document
from hub.model.identifiers import DocumentId
from hub.xml import Element

__all__ = ["Cut", "Embedding", "EmbeddingContext"]

_MARK_BYTES: Final = 24
"""Of chance, so that no text of an applicant can hold one; as hex, the length of some base64."""

_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"

Cut = tuple[list[bytes], tuple[DocumentId, ...]]
"""The pieces of a serialised message, and the documents that belong between them."""


class Embedding:
    """The places that one call has given to documents."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[Element, DocumentId]] = {}

    def mark(self, element: Element, document: Document) -> None:
        """Leave a mark in the element, by which it is found again."""
        mark = secrets.token_hex(_MARK_BYTES)
        element.text = mark
        self._places[mark] = element, document.id

    def is_true_in(self, names: Collection[str]) -> bool:
        """Whether what a schema says of the marks holds for the documents as well.

        `names`: of elements that may hold any base64 (`SchemaSet.base64_elements`).
        """
        return all(
            element.text == mark
            and len(element) == 0
            and element.get(_XSI_TYPE) is None
            and str(element.tag).rpartition("}")[2] in names
            for mark, (element, _) in self._places.items()
        )

    def cut(self, serialised: Sequence[bytes]) -> list[Cut] | None:
        """Each message without its marks; None unless every mark is found, and once only.

        It is not where the encoding has other bytes for it, such as UTF-16, or where the adapter
        has used its text otherwise.
        """
        if not self._places:
            return [([data], ()) for data in serialised]
        marks = re.compile(f"({'|'.join(self._places)})".encode())
        parts = [marks.split(data) for data in serialised]
        found = [mark.decode() for each in parts for mark in each[1::2]]
        if sorted(found) != sorted(self._places):
            return None
        return [
            (each[::2], tuple(self._places[mark.decode()][1] for mark in each[1::2]))
            for each in parts
        ]


@dataclass(frozen=True, slots=True)
class EmbeddingContext(Context):
    """A context that embeds marks."""

    embedding: Embedding = field(kw_only=True)

    def embed(self, element: Element, document: Document) -> None:
        """As its contract says."""
        self.embedding.mark(element, document)
