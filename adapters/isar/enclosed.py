"""The documents in a message of the system: each in the element of its role, in base64.

What a document is, is said twice: by its content code and by its first bytes. Both must agree,
since the applicant will open it.
"""

import base64
import binascii
from typing import Final, cast

from adapters.isar.tables import CONTENT_TYPES
from adapters.isar.values import attribute, find, find_all, missing, path
from hub.model.document import Document, MediaType
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId, MessageUuid
from hub.model.upward import embedded
from hub.xml import Element

__all__ = ["Enclosed"]

_MAGIC: Final[dict[MediaType, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
}


class Enclosed:
    """The documents of one message, in the order in which they were taken out of it."""

    def __init__(self, update: Element, message: MessageUuid) -> None:
        self._update = update
        self._message = message
        self._taken: list[Document] = []

    @property
    def documents(self) -> tuple[Document, ...]:
        """What was taken so far."""
        return tuple(self._taken)

    def take(self, role: str) -> DocumentId:
        """The document of this role; PermanentFailure `X001` without it."""
        taken = self.take_optional(role)
        if taken is None:
            raise missing(f"{path(self._update)}/{role}")
        return taken

    def take_optional(self, role: str) -> DocumentId | None:
        """The document of this role, if there is one."""
        element = find(self._update, role)
        return None if element is None else self._take(element, role)

    def take_each(self, role: str) -> tuple[DocumentId, ...]:
        """Every document of this role."""
        elements = find_all(self._update, role)
        return tuple(self._take(each, f"{role}-{at}") for at, each in enumerate(elements, 1))

    def _take(self, element: Element, role: str) -> DocumentId:
        media_type = cast("MediaType", CONTENT_TYPES.code(attribute(element, "content")))
        content = _decoded(element)
        if not content.startswith(_MAGIC[media_type]):
            raise PermanentFailure(
                "document.type_mismatch",
                "A document does not begin as one of the type that its message names.",
                location=path(element),
            )
        document = embedded(self._message, role, media_type, content)
        self._taken.append(document)
        return document.id


def _decoded(element: Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise PermanentFailure("value.not_allowed", "This is not base64.", location=path(element))
