"""Updates as the simulated system writes them: XAusländer 26.11, messages to the applicant.

The texts are invented; the documents are the sandbox's own PDF files.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from hub.model.codes import code_list
from hub.model.upward import UpdateKind
from hub.sandbox.papers import pdf
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import NAMESPACE, VERSION, Incoming
from hub.xml import Element, serialise

__all__ = ["write"]

_ROOT: Final = {
    "produkt": "Simuliertes Fachverfahren",
    "produkthersteller": "Muster",
    "produktversion": "0",
    "standard": "XAusländer",
    "version": VERSION,
}
_BERLIN: Final = ZoneInfo("Europe/Berlin")
_TIME_TO_ANSWER: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class _Page:
    """The message being written, and the day on which it is."""

    root: Element
    today: datetime

    def add(self, name: str, text: str | None = None, *, under: Element | None = None) -> Element:
        parent = self.root if under is None else under
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        element.text = text
        return element

    def add_code(self, name: str, list_name: str, code: str, under: Element | None = None) -> None:
        known = code_list(list_name)
        element = self.add(name, under=under)
        element.set("listURI", known.uri)
        element.set("listVersionID", known.version)
        etree.SubElement(element, "code").text = code

    def add_document(self, name: str, title: str) -> None:
        element = self.add(name)
        self.add("dokument", base64.b64encode(pdf(title)).decode("ascii"), under=element)
        self.add_code("dokumententyp", "document_format", "1", under=element)

    def day(self, later: timedelta) -> str:
        return (self.today + later).date().isoformat()


def write(answer: Answer, to: Incoming, uuid: UUID, now: datetime) -> bytes:
    """The update `answer` to the message `to`, as it goes over the wire."""
    number = _NUMBERS[answer.kind]
    attributes = _ROOT | ({"test": "true"} if to.test else {})
    name = code_list("message_type").codes[number]
    root = etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={"xauslaender": NAMESPACE})
    page = _Page(root, now.astimezone(_BERLIN))
    _header(page, to, uuid, number)
    page.add("antragsidentifikation", to.application_id)
    page.add("ausloeserUUID", str(to.uuid))
    _CONTENTS[answer.kind](page, answer)
    return serialise(root)


def _header(page: _Page, to: Incoming, uuid: UUID, number: str) -> None:
    head = etree.SubElement(page.root, "nachrichtenkopf.g2g")
    identification = etree.SubElement(head, "identifikation.nachricht")
    etree.SubElement(identification, "nachrichtenUUID").text = str(uuid)
    _listed(identification, "nachrichtentyp", "message_type", number)
    created = page.today.isoformat(timespec="milliseconds")
    etree.SubElement(identification, "erstellungszeitpunkt").text = created
    _party(head, "leser", to.author, to.author_name)
    _party(head, "autor", to.reader, to.reader_name)
    address = etree.SubElement(page.root, "anschrift.autor")
    _address(etree.SubElement(address, "gebaeude"))


def _party(head: Element, role: str, key: str, name: str) -> None:
    party = etree.SubElement(head, role)
    _listed(party, "verzeichnisdienst", "directory_service", "DVDV")
    etree.SubElement(party, "kennung").text = key
    etree.SubElement(party, "name").text = name


def _listed(parent: Element, name: str, list_name: str, code: str) -> None:
    known = code_list(list_name)
    element = etree.SubElement(parent, name, listURI=known.uri, listVersionID=known.version)
    etree.SubElement(element, "code").text = code


def _address(house: Element) -> None:
    etree.SubElement(house, "hausnummer").text = "1"
    etree.SubElement(house, "postleitzahl").text = "00000"
    etree.SubElement(house, "strasse").text = "Musterstraße"
    etree.SubElement(house, "wohnort").text = "Musterstadt"


def _status(page: _Page, answer: Answer) -> None:
    page.add_code("status", "status", answer.status or "01")


def _question(page: _Page, _: Answer) -> None:
    page.add("frage", "Bitte reichen Sie den vollständigen Vertrag nach (Muster).")
    page.add("fristdatum", page.day(_TIME_TO_ANSWER))


def _appointment(page: _Page, answer: Answer) -> None:
    if answer.booked_online:
        page.add("onlinevergabe", "Bitte buchen Sie einen Termin: https://example.org/termin")
    else:
        time = page.add("strukturierteTermininformationen")
        page.add("datum", page.day(timedelta(days=14)), under=time)
        page.add("uhrzeitAb", "10:00:00", under=time)
        page.add("uhrzeitBis", "10:20:00", under=time)
        _address(page.add("ort", under=time))
        page.add("weitereAngabenZumOrt", "Zimmer 1 (Muster)", under=time)
    if answer.with_fee_notice:
        page.add_document("gebuehrenmitteilung", "Gebührenmitteilung")
    page.add("weitereHinweise", "Bitte Pass und biometrisches Lichtbild mitbringen.")


def _withdrawal_answer(page: _Page, _: Answer) -> None:
    page.add("rueckmeldung", "Ihr Antrag wird nicht weiter bearbeitet (Muster).")


def _not_competent(page: _Page, _: Answer) -> None:
    page.add("hinweis", "Für Ihren Wohnort ist eine andere Behörde zuständig (Muster).")
    page.add("zustaendigeABH", "Ausländerbehörde Nachbarmusterstadt (erfunden)")


def _intended_refusal(page: _Page, answer: Answer) -> None:
    page.add_document("mitteilung", "Anhörung vor Ablehnung")
    if answer.with_fee_notice:
        page.add_document("gebuehrenmitteilung", "Gebührenmitteilung")


def _ending(page: _Page, _: Answer) -> None:
    page.add_code("anlass", "ending_reason", "02")
    page.add_document("anhang", "Beendigung des Verfahrens")


def _agreement(page: _Page, _: Answer) -> None:
    page.add_document("vereinbarung", "Vereinbarung nach § 81a")
    page.add("mitteilung", "Bitte unterschreiben und zurücksenden (Muster).")


def _recognition_decision(page: _Page, _: Answer) -> None:
    page.add_document("bescheid", "Bescheid der Anerkennungsstelle")
    page.add_document("empfangsbestaetigung", "Formular der Empfangsbestätigung")


def _preliminary_approval(page: _Page, _: Answer) -> None:
    page.add_document("vorabzustimmung", "Vorabzustimmung")


_NUMBERS: Final[dict[UpdateKind, str]] = {
    "question": "130102",
    "status": "130104",
    "appointment": "130105",
    "withdrawal_answer": "130107",
    "not_competent": "130109",
    "intended_refusal": "130110",
    "ending": "130402",
    "agreement": "130403",
    "recognition_decision": "130405",
    "preliminary_approval": "130407",
}

_CONTENTS: Final[dict[UpdateKind, Callable[[_Page, Answer], None]]] = {
    "question": _question,
    "status": _status,
    "appointment": _appointment,
    "withdrawal_answer": _withdrawal_answer,
    "not_competent": _not_competent,
    "intended_refusal": _intended_refusal,
    "ending": _ending,
    "agreement": _agreement,
    "recognition_decision": _recognition_decision,
    "preliminary_approval": _preliminary_approval,
}
