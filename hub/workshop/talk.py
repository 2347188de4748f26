"""One call to a child, from the first word to the last: it may ask for documents in between.

Only one side speaks at a time, so neither ever waits for the other to read. Documents are
those of the message and no others; the bytes come from the hub's side, also of those that
travel beside the XML.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pydantic import ValidationError

from hub.adapter import Attachment
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId
from hub.workshop.crew import OutOfMemory
from hub.workshop.failures import Failed, Raised
from hub.workshop.packed import Packed, PackedXml
from hub.workshop.process import Deadline, Process
from hub.workshop.protocol import (
    ANSWER,
    CALL,
    Answer,
    Call,
    Exhausted,
    Load,
    Loaded,
    NotLoaded,
    Written,
)

__all__ = ["Documents", "Talk"]


class Documents:
    """The documents of one message, as far as its call may see them."""

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


class Talk:
    """What is said about one message."""

    def __init__(
        self, adapter: str, process: Process, deadline: Deadline, documents: Documents
    ) -> None:
        self._adapter = adapter
        self._process = process
        self._deadline = deadline
        self._documents = documents

    def about(self, call: Call, part: bytes) -> tuple[Answer, list[bytes]]:
        """What the child answers in the end.

        Raises:
            HubFailure: it failed, in its words; or a document could not be loaded.
            OutOfMemory: it had not enough memory; it is fit for nothing more.
            Hung: the time was over.
            Ended: it is no more.
        """
        self._tell(call, part)
        while True:
            answer, parts = self._hear()
            if isinstance(answer, Load):
                self._bring(answer.document)
                continue
            if self._documents.failure is not None:
                raise self._documents.failure
            match answer:
                case Failed():
                    raise answer.failure()
                case Raised():
                    raise answer.failure(self._adapter)
                case Exhausted():
                    raise OutOfMemory
            return answer, parts

    def _bring(self, id_: DocumentId) -> None:
        began = time.monotonic()
        content = self._documents.load(id_)
        self._deadline.prolong(time.monotonic() - began)  # the store's time, not the adapter's
        if content is None:
            self._tell(NotLoaded())
        else:
            self._tell(Loaded(), content)

    def _tell(self, call: Call, *parts: bytes) -> None:
        self._process.tell([CALL.dump_json(call), *parts], self._deadline)

    def _hear(self) -> tuple[Answer, list[bytes]]:
        answer, *parts = self._process.hear(self._deadline)
        try:
            return ANSWER.validate_json(answer), parts
        except ValidationError:
            raise self._process.nonsense() from None
