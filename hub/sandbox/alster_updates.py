"""What the simulated Alster sends: updates, receipts and refusals, in the version it was asked in.

The texts are invented; the documents are the sandbox's own PDF files.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from hub.model.upward import UpdateKind
from hub.sandbox.papers import pdf
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from hub.xml import Element, serialise

__all__ = ["write_receipt", "write_refusal", "write_update"]

_ENCODING: Final = "ISO-8859-1"
_BERLIN: Final = ZoneInfo("Europe/Berlin")
_TIME_TO_ANSWER: Final = timedelta(days=28)

# Version 4 calls these things by other names than version 3.
_RENAMED: Final = {
    "Rueckmeldung": "Antwort",
    "Kopf": "Nachrichtenkopf",
    "Sendungsnummer": "NachrichtenId",
    "Bezug": "BezugsId",
    "Erstellt": "Zeitpunkt",
    "Probelauf": "Test",
    "Plz": "Postleitzahl",
    "Sachstand": "Status",
    "Quittung": "Eingangsbestaetigung",
    "Abweisung": "Zurueckweisung",
}


@dataclass(frozen=True, slots=True)
class _Page:
    """The message being written, its body, and the moment at which it is."""

    version: str
    root: Element
    now: datetime

    def add(self, parent: Element, name: str, text: str | None = None) -> Element:
        own = _RENAMED.get(name, name) if self.version == "4" else name
        element = etree.SubElement(parent, f"{{{_namespace(self.version)}}}{own}")
        element.text = text
        return element

    def body(self, name: str, **texts: str) -> Element:
        element = self.add(self.root, name)
        for child, text in texts.items():
            self.add(element, child, text)
        return element

    def file(self, role: str, title: str) -> None:
        content = base64.b64encode(pdf(title)).decode("ascii")
        element = self.add(self.root, "Datei", content)
        element.set("rolle", role)
        element.set("format", "PDF")

    def day(self, later: timedelta) -> str:
        return self._date((self.now + later).date())

    def moment(self) -> str:
        if self.version == "3":
            return self.now.strftime("%d.%m.%Y %H:%M:%S")
        return self.now.isoformat(timespec="seconds")

    def truth(self, *, value: bool) -> str:
        return {"3": "JN", "4": ("true", "false")}[self.version][0 if value else 1]

    def _date(self, value: date) -> str:
        return value.strftime("%d.%m.%Y") if self.version == "3" else value.isoformat()


def write_update(answer: Answer, to: Incoming, version: str, uuid: UUID, now: datetime) -> bytes:
    """The update `answer` to the message `to`."""
    page = _begin(version, uuid, to.uuid, to.application_id, now, test=to.test)
    _CONTENTS[answer.kind](page, answer)
    return serialise(page.root, _ENCODING)


def write_receipt(to: Incoming, version: str, uuid: UUID, now: datetime) -> bytes:
    """The system's word that it has the message."""
    page = _begin(version, uuid, to.uuid, to.application_id, now, test=to.test)
    page.body("Quittung", Eingangsnummer=f"A-{to.uuid.hex[:12]}")
    return serialise(page.root, _ENCODING)


def write_refusal(
    of: UUID, code: str, sentence: str, version: str, uuid: UUID, now: datetime
) -> bytes:
    """The system's word that it does not take the message."""
    page = _begin(version, uuid, of, None, now, test=False)
    fault = page.add(page.body("Abweisung"), "Fehler")
    page.add(fault, "Code", code)
    page.add(fault, "Text", sentence)
    return serialise(page.root, _ENCODING)


def _begin(
    version: str,
    uuid: UUID,
    answers: UUID,
    application_id: str | None,
    now: datetime,
    *,
    test: bool,
) -> _Page:
    namespace = _namespace(version)
    name = "Rueckmeldung" if version == "3" else _RENAMED["Rueckmeldung"]
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    page = _Page(version, root, now.astimezone(_BERLIN))
    head = page.add(root, "Kopf")
    page.add(head, "Sendungsnummer", str(uuid))
    if application_id is not None:
        page.add(head, "Aktenzeichen", application_id)
    page.add(head, "Bezug", str(answers))
    page.add(head, "Erstellt", page.moment())
    page.add(head, "Probelauf", page.truth(value=test))
    return page


def _namespace(version: str) -> str:
    return f"urn:alster:austausch:{version}"


def _status(page: _Page, answer: Answer) -> None:
    page.body("Sachstand", Schluessel=answer.status or "01")


def _question(page: _Page, _: Answer) -> None:
    page.body(
        "Rueckfrage",
        Text="Bitte reichen Sie den vollständigen Vertrag nach (Muster).",
        Frist=page.day(_TIME_TO_ANSWER),
    )


def _appointment(page: _Page, answer: Answer) -> None:
    if answer.booked_online:
        body = page.body("Termin", Buchung="Bitte buchen Sie: https://example.org/termin")
    else:
        body = page.body("Termin", Tag=page.day(timedelta(days=14)), Von="10:00", Bis="10:20")
        place = page.add(body, "Anschrift")
        for name, text in _PLACE.items():
            page.add(place, name, text)
        page.add(body, "Ortshinweis", "Zimmer 1 (Muster)")
    page.add(body, "Hinweise", "Bitte Pass und biometrisches Lichtbild mitbringen.")
    if answer.with_fee_notice:
        page.file("GEBUEHR", "Gebührenmitteilung")


def _withdrawal_answer(page: _Page, _: Answer) -> None:
    page.body("Ruecknahmeantwort", Text="Ihr Antrag wird nicht weiter bearbeitet (Muster).")


def _not_competent(page: _Page, _: Answer) -> None:
    page.body(
        "Unzustaendigkeit",
        Hinweis="Für Ihren Wohnort ist eine andere Behörde zuständig (Muster).",
        ZustaendigeBehoerde="Ausländerbehörde Nachbarmusterstadt (erfunden)",
    )


def _intended_refusal(page: _Page, answer: Answer) -> None:
    page.body("Anhoerung")
    page.file("SCHREIBEN", "Anhörung vor Ablehnung")
    if answer.with_fee_notice:
        page.file("GEBUEHR", "Gebührenmitteilung")


def _ending(page: _Page, _: Answer) -> None:
    page.body("Verfahrensende", Schluessel="02")
    page.file("ANLAGE", "Beendigung des Verfahrens")


def _agreement(page: _Page, _: Answer) -> None:
    page.body("Vereinbarungsentwurf", Text="Bitte unterschreiben und zurücksenden (Muster).")
    page.file("SCHREIBEN", "Vereinbarung nach § 81a")


def _recognition_decision(page: _Page, _: Answer) -> None:
    page.body("Anerkennungsbescheid")
    page.file("SCHREIBEN", "Bescheid der Anerkennungsstelle")
    page.file("FORMULAR", "Formular der Empfangsbestätigung")


def _preliminary_approval(page: _Page, _: Answer) -> None:
    page.body("Vorabzustimmung")
    page.file("SCHREIBEN", "Vorabzustimmung")


_PLACE: Final = {
    "Strasse": "Musterstraße",
    "Hausnummer": "1",
    "Plz": "00000",
    "Ort": "Musterstadt",
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
