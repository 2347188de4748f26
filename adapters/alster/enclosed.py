"""Documents out of a message from the system: `Datei` elements after its body, told by role.

What a document is, is said twice: by its format and by its first bytes. Both must agree, since
the applicant will open it. A document in a role that the message does not have is refused:
dropping it would lose what the authority wanted to be read.
"""

import base64
import binascii
from collections import defaultdict
from typing import Final

from adapters.alster.reading import Page, path
from adapters.alster.sheet import FORMATS
from hub.model.document import Document, MediaType
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId, MessageUuid
from hub.model.upward import embedded

__all__ = ["Enclosed"]

_MAGIC: Final[dict[MediaType, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
}


class Enclosed:
    """The documents of one message, taken out by role."""

    def __init__(self, message: MessageUuid, files: list[Page]) -> None:
        self.documents = tuple(_document(message, at, file) for at, file in enumerate(files, 1))
        self._waiting: dict[str, list[DocumentId]] = defaultdict(list)
        for file, document in zip(files, self.documents, strict=True):
            self._waiting[file.element.get("rolle", "")].append(document.id)

    def take_all(self, role: str) -> tuple[DocumentId, ...]:
        """Every document in this role."""
        return tuple(self._waiting.pop(role, ()))

    def take_optional(self, role: str) -> DocumentId | None:
        """The one document in this role, if there is one."""
        waiting = self._waiting.get(role)
        if not waiting:
            return None
        taken = waiting.pop(0)
        if not waiting:
            del self._waiting[role]
        return taken

    def take(self, role: str) -> DocumentId:
        """The one document that must be there in this role."""
        if (taken := self.take_optional(role)) is None:
            raise PermanentFailure(
                "document.missing",
                "The message lacks a document that belongs to it.",
                location=f"Datei[@rolle='{role}']",
            )
        return taken

    def end(self) -> None:
        """Say that all was taken; PermanentFailure `document.unexpected` if it was not."""
        if self._waiting:
            raise PermanentFailure(
                "document.unexpected",
                "The message brings a document that a message of this kind does not have.",
                location=f"Datei[@rolle='{min(self._waiting)}']",
            )


def _document(message: MessageUuid, at: int, file: Page) -> Document:
    media_type = next(each for each in _MAGIC if FORMATS[each] == file.element.get("format"))
    try:
        content = base64.b64decode("".join(file.content().split()), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content.startswith(_MAGIC[media_type]):
        raise PermanentFailure(
            "document.type_mismatch",
            "A document does not begin as one of the type that its message names.",
            location=path(file.element),
        )
    return embedded(message, f"Datei-{at}", media_type, content)
