"""Where the documents of one message stand, and how large the message becomes with them.

XAusländer 26.11 knows two kinds of place: `OZG.Dokument` always holds the document itself,
`OZG.DokumentOderReferenz` holds it or its UUID. The message is built first with all places
empty; whether the documents fit is then computed from their sizes, before any is loaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from adapters.xauslaender.elements import NAMESPACE, code, optional, qualified
from hub.adapter import Change, Context
from hub.model.document import Document, Evidence
from hub.model.identifiers import DocumentId
from hub.xml import Element, serialise

__all__ = ["FORMAT_CODES", "Documents", "base64_length"]

FORMAT_CODES: Final = {"application/pdf": "1", "image/jpeg": "2"}
"""Media type → code of the list `dokumentformat`, version 2."""


@dataclass(frozen=True, slots=True)
class _Place:
    element: Element
    document: Document
    may_refer: bool


class Documents:
    """The documents of one message: given by the sender, put in their places one by one."""

    def __init__(self, given: Iterable[Document]) -> None:
        self._given = {document.id: (at, document) for at, document in enumerate(given)}
        self._places: list[_Place] = []
        self._changes: list[Change] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the places taken so far cannot hold."""
        return tuple(self._changes)

    def embed(self, element: Element, id_: DocumentId, title: str | None = None) -> None:
        """`OZG.Dokument`, with a title `OZG.DokumentErweitert`: it has no file name."""
        at, document = self._given[id_]
        self._take(element, document, may_refer=False)
        self._describe(element, document)
        optional(element, "bezeichnung", title)
        if document.file_name is not None:
            rule = "left out: OZG.Dokument has no element for a file name"
            self._changes.append(Change(f"documents[{at}].file_name", rule))

    def embed_or_refer(self, element: Element, id_: DocumentId, title: str | None = None) -> None:
        """`OZG.DokumentOderReferenz`, with a title `OZG.DokumentOderReferenzErweitert`."""
        _, document = self._given[id_]
        self._take(qualified(element, "dokumentOderReferenz"), document, may_refer=True)
        self._describe(element, document)
        optional(element, "dateiname", document.file_name)
        optional(element, "bezeichnung", title)

    def evidence(self, parent: Element, name: str, values: Iterable[Evidence]) -> None:
        """One `OZG.DokumentOderReferenzErweitert` per piece of evidence."""
        for value in values:
            self.embed_or_refer(qualified(parent, name), value.document, value.title)

    def summary(self, parent: Element, id_: DocumentId | None) -> None:
        """`antragszusammenfassung`, where the online service made one."""
        if id_ is not None:
            self.embed_or_refer(qualified(parent, "antragszusammenfassung"), id_)

    def size_within(self, root: Element) -> int:
        """Bytes of the whole message as it will be serialised, its documents embedded."""
        return len(serialise(root)) + sum(base64_length(p.document.size) for p in self._places)

    def refer(self) -> tuple[Document, ...]:
        """Name by UUID whatever may be named so; returns those documents, in their order."""
        referred = [place for place in self._places if place.may_refer]
        self._places = [place for place in self._places if not place.may_refer]
        for place in referred:
            place.element.tag = f"{{{NAMESPACE}}}dokumentuuid"
            place.element.text = str(place.document.id)
        return tuple(place.document for place in referred)

    def fill_places(self, context: Context) -> None:
        """Embed what was not named by UUID."""
        for place in self._places:
            context.embed(place.element, place.document)

    def _take(self, parent: Element, document: Document, *, may_refer: bool) -> None:
        # Empty text, not none: the size is then measured with both tags.
        self._places.append(_Place(qualified(parent, "dokument", ""), document, may_refer))

    def _describe(self, element: Element, document: Document) -> None:
        kind = qualified(element, "dokumententyp")
        code(kind, "document_format", FORMAT_CODES[document.media_type])


def base64_length(size: int) -> int:
    """Bytes that `size` bytes take as base64, in one line."""
    return (size + 2) // 3 * 4
