"""What the simulated Spree understands of its own XML, read on its own.

Written apart from the adapter on purpose: two readings of a format that agree prove more than
one that agrees with itself. Messages get the numbers of XAusländer, by which the script and the
books of the sandbox tell them apart.
"""

import base64
from typing import Final
from uuid import UUID

from hub.sandbox.xauslaender import Incoming
from hub.xml import Element

__all__ = ["NAMESPACE", "read"]

NAMESPACE: Final = "urn:beispiel:spree:1"

_S: Final = {"s": NAMESPACE}
_NUMBERS: Final = {
    "ANTWORT": "130103",
    "RUECKNAHME": "130111",
    "VEREINBARUNG_ZURUECK": "130404",
    "EMPFANG_BESTAETIGT": "130406",
}
_APPLICATIONS: Final = {
    "Titel": "130101",
    "Freizuegigkeit": "130301",
    "Fachkraefteverfahren": "130401",
    "Verpflichtung": "130201",
}
_SECTIONS: Final = {
    "ANTRAG": "Antrag",
    "ANTWORT": "Antwort",
    "RUECKNAHME": "Ruecknahme",
    "VEREINBARUNG_ZURUECK": "VereinbarungZurueck",
    "EMPFANG_BESTAETIGT": "EmpfangBestaetigt",
}
_BEGINNINGS: Final = {"PDF": b"%PDF-", "JPG": b"\xff\xd8\xff"}


def read(root: Element) -> Incoming:
    """Read a document that is valid against the schema set."""
    kind = root.get("art", "")
    documents = root.findall("s:Anlagen/s:Anlage", _S)
    return Incoming(
        uuid=UUID(root.get("kennung")),
        number=_number(root, kind),
        reader=_attribute(root, "s:Kopf/s:Empfaenger", "kennung"),
        reader_name=_text(root, "s:Kopf/s:Empfaenger/s:Name"),
        author=_attribute(root, "s:Kopf/s:Absender", "kennung"),
        author_name=_text(root, "s:Kopf/s:Absender/s:Name"),
        application_id=_text(root, "s:Kopf/s:Aktenzeichen"),
        back_channel=_attribute(root, "s:Kopf", "rueckkanal") == "J",
        test=root.get("probe") == "J",
        documents=len(documents),
        announced=None,
        packet=None,
        problem=_problem(root, kind, documents),
    )


def _number(root: Element, kind: str) -> str:
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    found = (
        n for name, n in _APPLICATIONS.items() if root.find(f"s:Antrag/s:{name}", _S) is not None
    )
    return next(found, "")


def _problem(root: Element, kind: str, documents: list[Element]) -> str | None:
    if kind not in _SECTIONS or root.find(f"s:{_SECTIONS[kind]}", _S) is None:
        return "art does not name the section, or none that the system takes"
    for document in documents:
        begin = _BEGINNINGS[document.get("format", "")]
        if not base64.b64decode((document.text or "").strip()[:16]).startswith(begin):
            return "a document is not what its format says"
    return None


def _text(root: Element, path: str) -> str:
    return root.findtext(path, default="", namespaces=_S)


def _attribute(root: Element, path: str, name: str) -> str:
    element = root.find(path, _S)
    return "" if element is None else element.get(name, "")
