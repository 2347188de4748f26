"""What the simulated Spree writes: receipts, refusals, and updates for the applicant.

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

from hub.model.upward import UpdateKind
from hub.sandbox.papers import pdf
from hub.sandbox.script import Answer
from hub.sandbox.spree.incoming import NAMESPACE
from hub.sandbox.xauslaender import Incoming
from hub.xml import Element, serialise

__all__ = ["receipt", "refusal", "write"]

_BERLIN: Final = ZoneInfo("Europe/Berlin")
_STATES: Final = {
    "01": "EINGEGANGEN",
    "02": "ANTWORT_DA",
    "03": "RUECKNAHME_DA",
    "05": "GEPRUEFT",
    "06": "VEREINBART",
    "07": "VOLLSTAENDIG",
}


def receipt(to: Incoming, uuid: UUID, now: datetime) -> bytes:
    """The message `to` was taken in."""
    page = _page("QUITTUNG", uuid, now, test=to.test)
    _head(page, to)
    page.add("Quittung", nummer=f"E-{to.uuid.hex[:12]}")
    return serialise(page.root)


def refusal(
    refused: UUID, fault: str, uuid: UUID, now: datetime, *, authority: str, test: bool
) -> bytes:
    """The message `refused` was not taken in; nothing else of it is believed."""
    page = _page("ABWEISUNG", uuid, now, test=test)
    head = page.add("Kopf")
    page.add(
        "Name", "Simulierte Behörde", under=page.add("Absender", under=head, kennung=authority)
    )
    page.add("Name", "Hub", under=page.add("Empfaenger", under=head, kennung="hub"))
    page.add("Bezug", str(refused), under=head)
    page.add("Grund", under=page.add("Abweisung"), fehler=fault)
    return serialise(page.root)


def write(answer: Answer, to: Incoming, uuid: UUID, now: datetime) -> bytes:
    """The update `answer` to the message `to`."""
    kind, fill = _KINDS[answer.kind]
    page = _page(kind, uuid, now, test=to.test)
    _head(page, to)
    fill(page, answer)
    page.enclose()
    return serialise(page.root)


@dataclass(frozen=True, slots=True)
class _Page:
    root: Element
    today: datetime
    documents: list[bytes]

    def add(
        self, name: str, text: str | None = None, *, under: Element | None = None, **values: str
    ) -> Element:
        parent = self.root if under is None else under
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", values)
        element.text = text
        return element

    def document(self, title: str) -> str:
        self.documents.append(pdf(title))
        return str(len(self.documents))

    def enclose(self) -> None:
        if self.documents:
            enclosed = self.add("Anlagen")
            for number, content in enumerate(self.documents, start=1):
                text = base64.b64encode(content).decode("ascii")
                self.add("Anlage", text, under=enclosed, nr=str(number), format="PDF")

    def day(self, later: timedelta) -> str:
        return f"{self.today + later:%d.%m.%Y}"


def _page(kind: str, uuid: UUID, now: datetime, *, test: bool) -> _Page:
    today = now.astimezone(_BERLIN)
    attributes = {
        "art": kind,
        "kennung": str(uuid),
        "erstellt": f"{today:%d.%m.%Y %H:%M:%S %z}",
        "probe": "J" if test else "N",
    }
    root = etree.Element(f"{{{NAMESPACE}}}Vorgang", attributes, nsmap={None: NAMESPACE})
    return _Page(root, today, [])


def _head(page: _Page, to: Incoming) -> None:
    head = page.add("Kopf")
    page.add("Aktenzeichen", to.application_id, under=head)
    page.add("Name", to.reader_name, under=page.add("Absender", under=head, kennung=to.reader))
    page.add("Name", to.author_name, under=page.add("Empfaenger", under=head, kennung=to.author))
    page.add("Bezug", str(to.uuid), under=head)


def _status(page: _Page, answer: Answer) -> None:
    page.add("Stand", stand=_STATES[answer.status or "01"])


def _question(page: _Page, _: Answer) -> None:
    question = page.add("Frage", frist=page.day(timedelta(days=28)))
    page.add("Text", "Bitte reichen Sie den vollständigen Vertrag nach (Muster).", under=question)


def _appointment(page: _Page, answer: Answer) -> None:
    if answer.booked_online:
        section = page.add("Termin")
        page.add("Buchung", "Bitte buchen Sie: https://example.org/termin", under=section)
    else:
        day = page.day(timedelta(days=14))
        section = page.add("Termin", tag=day, von="10:00", bis="10:20")
        house = {"strasse": "Musterstraße", "hausnummer": "1", "plz": "00000", "ort": "Musterstadt"}
        page.add("Hausanschrift", under=section, **house)
        page.add("Ortshinweis", "Zimmer 1 (Muster)", under=section)
    if answer.with_fee_notice:
        page.add("Gebuehr", under=section, anlage=page.document("Gebührenmitteilung"))
    page.add("Hinweis", "Bitte Pass und biometrisches Lichtbild mitbringen.", under=section)


def _withdrawal_answer(page: _Page, _: Answer) -> None:
    section = page.add("RuecknahmeAntwort")
    page.add("Text", "Ihr Antrag wird nicht weiter bearbeitet (Muster).", under=section)


def _not_competent(page: _Page, _: Answer) -> None:
    section = page.add("Unzustaendig")
    page.add("Hinweis", "Zuständig ist eine andere Behörde (Muster).", under=section)
    page.add("Behoerde", "Ausländerbehörde Nachbarmusterstadt (erfunden)", under=section)


def _intended_refusal(page: _Page, answer: Answer) -> None:
    section = page.add("Anhoerung")
    page.add("Mitteilung", under=section, anlage=page.document("Anhörung vor Ablehnung"))
    if answer.with_fee_notice:
        page.add("Gebuehr", under=section, anlage=page.document("Gebührenmitteilung"))


def _ending(page: _Page, _: Answer) -> None:
    section = page.add("Beendet", grund="BERATEN")
    page.add("Schreiben", under=section, anlage=page.document("Beendigung des Verfahrens"))


def _agreement(page: _Page, _: Answer) -> None:
    section = page.add("Vereinbarung", anlage=page.document("Vereinbarung nach § 81a"))
    page.add("Text", "Bitte unterschreiben und zurücksenden (Muster).", under=section)


def _recognition_decision(page: _Page, _: Answer) -> None:
    section = page.add("Bescheid")
    page.add("Bescheid", under=section, anlage=page.document("Bescheid der Anerkennungsstelle"))
    page.add("Formular", under=section, anlage=page.document("Empfangsbestätigung"))


def _preliminary_approval(page: _Page, _: Answer) -> None:
    page.add("Vorabzustimmung", anlage=page.document("Vorabzustimmung"))


_KINDS: Final[dict[UpdateKind, tuple[str, Callable[[_Page, Answer], None]]]] = {
    "status": ("STAND", _status),
    "question": ("FRAGE", _question),
    "appointment": ("TERMIN", _appointment),
    "withdrawal_answer": ("RUECKNAHME_ANTWORT", _withdrawal_answer),
    "not_competent": ("UNZUSTAENDIG", _not_competent),
    "intended_refusal": ("ANHOERUNG", _intended_refusal),
    "ending": ("BEENDET", _ending),
    "agreement": ("VEREINBARUNG", _agreement),
    "recognition_decision": ("BESCHEID", _recognition_decision),
    "preliminary_approval": ("VORABZUSTIMMUNG", _preliminary_approval),
}
