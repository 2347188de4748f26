"""The message being written: its body, its flat list of people, and its flat list of documents.

Alster nests neither: everybody is one `Beteiligter` with a role and a number, every document
one `Anlage` with a purpose and, where it belongs to somebody, that number.
"""

from collections.abc import Iterable
from typing import Final, Literal

from adapters.alster.dialect import Dialect
from hub.model.document import Document, Evidence
from hub.model.identifiers import DocumentId
from hub.xml import Element

__all__ = ["FORMATS", "Purpose", "Role", "Sheet", "file_name"]

Role = Literal[
    "ANTRAGSTELLER",
    "VERTRETER",
    "BEZUGSPERSON",
    "ARBEITGEBER",
    "ARBEITGEBERVERTRETER",
    "FACHKRAFT",
    "ANGEHOERIGER",
    "GASTGEBER",
    "GASTGEBERVERTRETER",
    "ABHOLER",
    "GAST",
    "WEITERER_GAST",
]

Purpose = Literal[
    "ZUSAMMENFASSUNG",
    "NACHWEIS",
    "AUSWEIS",
    "AUFENTHALT",
    "VOLLMACHT",
    "ANTWORT",
    "VEREINBARUNG",
    "EMPFANGSBESTAETIGUNG",
]

FORMATS: Final = {"application/pdf": "PDF", "image/jpeg": "JPG"}
"""Media type → Alster's word for it."""


class Sheet:
    """Collects what stands in the flat lists while the body is written.

    Attributes:
        dialect: the version in which it is written.
        root: the whole message.
        used: documents in the order of their entries; they travel beside the XML.
    """

    def __init__(self, dialect: Dialect, root: Element, given: Iterable[Document]) -> None:
        self.dialect = dialect
        self.root = root
        self.used: list[Document] = []
        self._given = {document.id: document for document in given}
        self._entries: Element | None = None
        self._people: Element | None = None

    def begin_people(self, parent: Element) -> None:
        """Put the list of people here."""
        self._people = self.dialect.add(parent, "Beteiligte")

    def person(self, role: Role) -> Element:
        """A new entry in the list of people, the next number its own."""
        assert self._people is not None, "begin_people comes first"  # noqa: S101 - our own order
        number = len(self._people) + 1
        return self.dialect.add(self._people, "Beteiligter", nr=number, rolle=role)

    def document(
        self,
        id_: DocumentId,
        purpose: Purpose,
        *,
        title: str | None = None,
        person: Element | None = None,
    ) -> None:
        """A new entry in the list of documents."""
        document, dialect = self._given[id_], self.dialect
        self.used.append(document)
        if self._entries is None:
            self._entries = dialect.add(self.root, "Anlagen")
        entry = dialect.add(self._entries, "Anlage", id=str(id_), zweck=purpose)
        if person is not None:
            entry.set("beteiligter", str(person.get("nr")))
        dialect.add(entry, "Datei", file_name(document))
        dialect.optional(entry, "Name", document.file_name)
        dialect.optional(entry, "Titel", title)
        dialect.add(entry, "Format", FORMATS[document.media_type])
        dialect.add(entry, "Groesse", document.size)
        dialect.add(entry, "Pruefsumme", document.sha256)

    def evidence(
        self, values: Iterable[Evidence], purpose: Purpose, person: Element | None = None
    ) -> None:
        """One entry for each piece of evidence, in their order."""
        for value in values:
            self.document(value.document, purpose, title=value.title, person=person)


def file_name(document: Document) -> str:
    """Under which the document lies beside the XML."""
    return f"{document.id}.{FORMATS[document.media_type].lower()}"
