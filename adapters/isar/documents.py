"""The documents of one message: listed with their hashes, named by id, and sent beside it.

The XML never holds a document. Each goes by a call of its own under `<id>.pdf` or `<id>.jpg`.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

from adapters.isar.elements import add
from adapters.isar.tables import CONTENT_TYPES
from hub.adapter import Attachment, Context
from hub.model.document import Document, Evidence, MediaType
from hub.model.identifiers import DocumentId
from hub.xml import Element

__all__ = ["add_documents", "attachments", "evidence", "refer", "refer_each"]

_ENDINGS: Final[dict[MediaType, str]] = {"application/pdf": "pdf", "image/jpeg": "jpg"}


def add_documents(message: Element, documents: Iterable[Document]) -> None:
    """`Document`, one for each: what is sent beside the message."""
    for document in documents:
        add(
            message,
            "Document",
            {
                "id": str(document.id),
                "content": CONTENT_TYPES.word(document.media_type),
                "bytes": document.size,
                "sha256": document.sha256,
                "fileName": document.file_name,
            },
        )


def attachments(documents: Iterable[Document], context: Context) -> tuple[Attachment, ...]:
    """The documents as they travel beside the message; nothing is loaded before it is sent."""
    return tuple(
        Attachment(
            f"{document.id}.{_ENDINGS[document.media_type]}",
            document,
            partial(context.load, document),
        )
        for document in documents
    )


def refer(parent: Element, name: str, id_: DocumentId | None) -> None:
    """An element that names the document, where there is one."""
    if id_ is not None:
        add(parent, name, {"document": str(id_)})


def refer_each(parent: Element, name: str, ids: Iterable[DocumentId]) -> None:
    """One such element for each document."""
    for id_ in ids:
        refer(parent, name, id_)


def evidence(parent: Element, name: str, values: Iterable[Evidence]) -> None:
    """One element for each piece of evidence, with its title."""
    for value in values:
        add(parent, name, {"document": str(value.document), "title": value.title})
