"""The documents of one message, as far as its call may see them.

Those of the message and no others; the bytes come from the hub's side, also of those that travel
beside the XML.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from hub.adapter import Attachment
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId
from hub.workshop.packed import Packed, PackedXml
from hub.workshop.protocol import Written

__all__ = ["Documents"]


class Documents:
    """Documents by their id, and the way to their bytes; `load` reads files: in a thread."""

    def __init__(self, documents: Iterable[Document], load: Callable[[Document], bytes]) -> None:
        self._known = {document.id: document for document in documents}
        self._load = load
        self.failure: Exception | None = None
        """Why one could not be loaded: then the call comes to nothing, whatever it answers."""

    def load(self, id_: DocumentId) -> bytes | None:
        """The bytes of a document, or None and a failure."""
        try:
            return self._load(self._document(id_))
        except Exception as failure:  # noqa: BLE001 - kept and raised when the child has answered
            self.failure = failure
            return None

    def packed(self, written: Written, data: Sequence[bytes]) -> Packed:
        """The parcel that was written, with its XML and a way to its documents."""
        return Packed(
            tuple(
                PackedXml(each.uuid, each.name, xml, each.encoding)
                for each, xml in zip(written.messages, data, strict=True)
            ),
            tuple(self._beside(name, id_) for name, id_ in written.attachments),
            written.changes,
        )

    def _beside(self, name: str, id_: DocumentId) -> Attachment:
        document = self._document(id_)
        return Attachment(name, document, partial(self._load, document))

    def _document(self, id_: DocumentId) -> Document:
        document = self._known.get(id_)
        if document is None:
            raise PermanentFailure(
                "document.unknown",
                "The adapter names a document that does not belong to the message.",
                location=f"document {id_}",
            )
        return document
