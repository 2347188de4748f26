"""The documents of one message, as far as its call may see them.

Those of the message and no others; the bytes come from the hub's side, also of those that travel
beside the XML.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import pybase64

from hub.adapter import Attachment
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId
from hub.workshop.packed import Packed, PackedXml
from hub.workshop.protocol import Answer, Written, WrittenXml

__all__ = ["Documents"]

_MOST_BYTES: Final = 512 * 1024 * 1024
"""Of documents in one parcel: one may be embedded in many places."""


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

    def fit(self, answer: Answer, pieces: Sequence[bytes]) -> bool:
        """Whether this is an answer to a call to write, and not more than anybody has to say."""
        if not isinstance(answer, Written):
            return False
        embedded = [self._known[id_].size for id_ in _embedded_in(answer) if id_ in self._known]
        return (
            len(pieces) == sum(len(each.embedded) + 1 for each in answer.messages)
            and sum(embedded) <= _MOST_BYTES
        )

    def packed(self, written: Written, pieces: Iterable[bytes]) -> Packed:
        """The parcel that was written, its documents embedded, with a way to those beside it.

        Raises:
            PermanentFailure: `document.unknown`: it names one that is none of the message.
            Exception: why one could not be loaded.
        """
        rest = iter(pieces)
        return Packed(
            tuple(
                PackedXml(each.uuid, each.name, self._whole(each, rest), each.encoding)
                for each in written.messages
            ),
            tuple(self._beside(name, id_) for name, id_ in written.attachments),
            written.changes,
        )

    def _whole(self, written: WrittenXml, pieces: Iterator[bytes]) -> bytes:
        if not written.embedded:
            return next(pieces)
        whole = [next(pieces)]
        for id_ in written.embedded:
            whole += pybase64.b64encode(self._load(self._document(id_))), next(pieces)
        return b"".join(whole)

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


def _embedded_in(written: Written) -> Iterator[DocumentId]:
    return (id_ for each in written.messages for id_ in each.embedded)
