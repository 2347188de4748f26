"""The documents of one message: all at its end, numbered, named elsewhere by their number.

Spree reads from a queue, and RabbitMQ 4 refuses messages above 16 MiB: so a message has at most
12 MiB, everything included. That is computed from the sizes, before any document is loaded.
"""

from collections.abc import Iterable
from typing import Final

from adapters.spree.elements import add
from adapters.spree.tables import DOCUMENT_FORMATS
from hub.adapter import Context
from hub.model.document import Document, Evidence
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId
from hub.xml import Element, serialise

__all__ = ["MOST_BYTES", "Documents"]

MOST_BYTES: Final = 12 * 1024 * 1024
_BYTES_AROUND_A_DOCUMENT: Final = 100
"""Tags, number and format; the file name is counted apart."""


class Documents:
    """The documents of one message, by id; their numbers are those of the order they came in."""

    def __init__(self, given: tuple[Document, ...]) -> None:
        self._given = given
        self._numbers = {document.id: number for number, document in enumerate(given, start=1)}

    def number(self, id_: DocumentId) -> int:
        """Under which number the message names it."""
        return self._numbers[id_]

    def refer(self, parent: Element, name: str, id_: DocumentId | None) -> None:
        """An element that names the document, where there is one."""
        if id_ is not None:
            add(parent, name, anlage=self.number(id_))

    def refer_each(self, parent: Element, name: str, ids: Iterable[DocumentId]) -> None:
        """One such element for each document."""
        for id_ in ids:
            self.refer(parent, name, id_)

    def evidence(self, parent: Element, name: str, values: Iterable[Evidence]) -> None:
        """One element for each piece of evidence, with its title."""
        for value in values:
            add(parent, name, value.title, anlage=self.number(value.document))

    def enclose(self, message: Element, context: Context) -> None:
        """Put all documents at the end of the finished message.

        Raises:
            PermanentFailure: `document.too_large_for_format`.
        """
        if not self._given:
            return
        self._check_size(message)
        enclosed = add(message, "Anlagen")
        for document in self._given:
            element = add(
                enclosed,
                "Anlage",
                nr=self.number(document.id),
                format=DOCUMENT_FORMATS.word(document.media_type),
                dateiname=document.file_name,
            )
            context.embed(element, document)

    def _check_size(self, message: Element) -> None:
        size = len(serialise(message)) + sum(map(_length_within, self._given))
        if size > MOST_BYTES:
            raise PermanentFailure(
                "document.too_large_for_format",
                f"With its documents the message has {size} bytes; Spree takes {MOST_BYTES}.",
                location="documents",
            )


def _length_within(document: Document) -> int:
    # A letter of a file name may become a character reference of six bytes.
    name = 6 * len((document.file_name or "").encode())
    return (document.size + 2) // 3 * 4 + name + _BYTES_AROUND_A_DOCUMENT
