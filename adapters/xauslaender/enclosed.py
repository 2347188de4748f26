"""Documents out of a message to the applicant: always embedded, never with a file name.

What a document is, is said twice: by its code and by its first bytes. Both must agree, since
the applicant will open it.
"""

import base64
import binascii
from typing import Final

from adapters.xauslaender.documents import FORMAT_CODES
from adapters.xauslaender.reading import code, content, find, find_all, need, path
from hub.model.document import Document, MediaType
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DocumentId, MessageUuid
from hub.model.upward import embedded
from hub.xml import Element

__all__ = ["Enclosed", "decoded"]

_MAGIC: Final[dict[MediaType, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
}


class Enclosed:
    """The documents taken out of one message so far, in the order in which they were taken."""

    def __init__(self, message: MessageUuid) -> None:
        self._message = message
        self._taken: list[Document] = []

    @property
    def documents(self) -> tuple[Document, ...]:
        """What was taken so far."""
        return tuple(self._taken)

    def take(self, parent: Element, name: str) -> DocumentId:
        """The document that must stand in the child `name`."""
        return self._take(need(parent, name), name)

    def take_optional(self, parent: Element, name: str) -> DocumentId | None:
        """The document in the child `name`, if there is one."""
        element = find(parent, name)
        return None if element is None else self._take(element, name)

    def take_all(self, parent: Element, name: str) -> tuple[DocumentId, ...]:
        """One document per child `name`."""
        elements = find_all(parent, name)
        return tuple(self._take(element, f"{name}-{at}") for at, element in enumerate(elements, 1))

    def _take(self, element: Element, role: str) -> DocumentId:
        media_type = _media_type(element)
        data = decoded(need(element, "dokument"))
        if not data.startswith(_MAGIC[media_type]):
            raise PermanentFailure(
                "document.type_mismatch",
                "A document does not begin as one of the type that its message names.",
                location=path(element),
            )
        document = embedded(self._message, role, media_type, data)
        self._taken.append(document)
        return document.id


def decoded(element: Element) -> bytes:
    """The bytes of an `xs:base64Binary`, which may be broken into lines."""
    try:
        return base64.b64decode("".join(content(element).split()), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise PermanentFailure("value.not_allowed", "This is not base64.", location=path(element))


def _media_type(element: Element) -> MediaType:
    kind = need(element, "dokumententyp")
    given = code(kind)
    for media_type in _MAGIC:
        if FORMAT_CODES[media_type] == given:
            return media_type
    raise PermanentFailure(
        "document.type_mismatch", "A document is neither PDF nor JPEG.", location=path(kind)
    )
