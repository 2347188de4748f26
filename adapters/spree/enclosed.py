"""The documents at the end of a message of the system, taken by those who name them.

What a document is, is said twice: by its format and by its first bytes. Both must agree, since
the applicant will open it. One that nothing names would never reach anybody: it is refused.
"""

import base64
import binascii
from typing import Final, cast

from adapters.spree.tables import DOCUMENT_FORMATS
from adapters.spree.values import attribute, find, find_all, path
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
    """The documents of one message: those enclosed, and of them those taken so far."""

    def __init__(self, message: Element, id_: MessageUuid) -> None:
        self._message = id_
        enclosed = find(message, "Anlagen")
        elements = [] if enclosed is None else find_all(enclosed, "Anlage")
        self._elements = {int(attribute(each, "nr")): each for each in elements}
        self._taken: dict[int, Document] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents, once each was taken.

        Raises:
            PermanentFailure: `document.not_named`.
        """
        for number in self._elements.keys() - self._taken.keys():
            raise PermanentFailure(
                "document.not_named",
                "The message encloses a document that it does not name.",
                location=f"Anlage {number}",
            )
        return tuple(self._taken.values())

    def take(self, element: Element) -> DocumentId:
        """The document whose number the element names in `anlage`."""
        number = int(attribute(element, "anlage"))
        if number not in self._elements:
            raise PermanentFailure(
                "X001", "There is no document of this number.", location=path(element)
            )
        if number not in self._taken:
            self._taken[number] = self._read(self._elements[number], number)
        return self._taken[number].id

    def take_optional(self, parent: Element, name: str) -> DocumentId | None:
        """The document that the child `name` names, if there is one."""
        element = find(parent, name)
        return None if element is None else self.take(element)

    def take_each(self, parent: Element, name: str) -> tuple[DocumentId, ...]:
        """One document for each child `name`."""
        return tuple(self.take(element) for element in find_all(parent, name))

    def take_named(self, element: Element) -> DocumentId | None:
        """The document that the element names, if it names one."""
        return None if element.get("anlage") is None else self.take(element)

    def _read(self, element: Element, number: int) -> Document:
        media_type = cast("MediaType", DOCUMENT_FORMATS.code(attribute(element, "format")))
        content = _decoded(element)
        if not content.startswith(_MAGIC[media_type]):
            raise PermanentFailure(
                "document.type_mismatch",
                "A document does not begin as one of the format that its message names.",
                location=f"Anlage {number}",
            )
        return embedded(self._message, f"anlage-{number}", media_type, content)


def _decoded(element: Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise PermanentFailure("value.not_allowed", "This is not base64.", location=path(element))
