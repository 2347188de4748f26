"""Updates as the simulated Isar writes them. Texts are invented; documents are the sandbox's."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from lxml import etree

from hub.model.upward import UpdateKind
from hub.sandbox.isar.incoming import NAMESPACE
from hub.sandbox.papers import pdf
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from hub.xml import Element, serialise

__all__ = ["write"]

_STATUSES: Final = {
    "01": "RECEIVED",
    "02": "ANSWER_RECEIVED",
    "03": "WITHDRAWAL_RECEIVED",
    "05": "CHECKED",
    "06": "AGREED",
    "07": "DOCUMENTS_COMPLETE",
}


def write(answer: Answer, to: Incoming, uuid: UUID, now: datetime) -> bytes:
    """The update `answer` to the message `to`."""
    name, fill = _KINDS[answer.kind]
    attributes = {
        "id": str(uuid),
        "created": now.isoformat(timespec="seconds"),
        "test": "true" if to.test else "false",
        "application": to.application_id,
        "inReplyTo": str(to.uuid),
    }
    root = etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={None: NAMESPACE})
    fill(_Page(root, now), answer)
    return serialise(root)


@dataclass(frozen=True, slots=True)
class _Page:
    root: Element
    today: datetime

    def say(self, **attributes: str) -> None:
        self.root.attrib.update(attributes)

    def add(self, name: str, text: str) -> None:
        etree.SubElement(self.root, f"{{{NAMESPACE}}}{name}").text = text

    def enclose(self, role: str, title: str) -> None:
        element = etree.SubElement(self.root, f"{{{NAMESPACE}}}{role}", content="PDF")
        element.text = base64.b64encode(pdf(title)).decode("ascii")

    def day(self, later: timedelta) -> str:
        return (self.today + later).date().isoformat()


def _status(page: _Page, answer: Answer) -> None:
    page.say(status=_STATUSES[answer.status or "01"])


def _question(page: _Page, _: Answer) -> None:
    page.say(deadline=page.day(timedelta(days=28)))
    page.add("Text", "Bitte reichen Sie den vollständigen Vertrag nach (Muster).")


def _appointment(page: _Page, answer: Answer) -> None:
    if answer.booked_online:
        page.add("Booking", "Bitte buchen Sie: https://example.org/termin")
    else:
        page.say(day=page.day(timedelta(days=14)), until="10:20:00", **{"from": "10:00:00"})
        page.say(street="Musterstraße", houseNumber="1", postcode="00000", town="Musterstadt")
        page.add("PlaceNote", "Zimmer 1 (Muster)")
    if answer.with_fee_notice:
        page.enclose("FeeNotice", "Gebührenmitteilung")
    page.add("Hints", "Bitte Pass und biometrisches Lichtbild mitbringen.")


def _withdrawal_answer(page: _Page, _: Answer) -> None:
    page.add("Text", "Ihr Antrag wird nicht weiter bearbeitet (Muster).")


def _not_competent(page: _Page, _: Answer) -> None:
    page.say(competentAuthority="Ausländerbehörde Nachbarmusterstadt (erfunden)")
    page.add("Text", "Für Ihren Wohnort ist eine andere Behörde zuständig (Muster).")


def _intended_refusal(page: _Page, answer: Answer) -> None:
    page.enclose("Notice", "Anhörung vor Ablehnung")
    if answer.with_fee_notice:
        page.enclose("FeeNotice", "Gebührenmitteilung")


def _ending(page: _Page, _: Answer) -> None:
    page.say(reason="ADVISED")
    page.enclose("Attachment", "Beendigung des Verfahrens")


def _agreement(page: _Page, _: Answer) -> None:
    page.enclose("Agreement", "Vereinbarung nach § 81a")
    page.add("Text", "Bitte unterschreiben und zurücksenden (Muster).")


def _recognition_decision(page: _Page, _: Answer) -> None:
    page.enclose("Decision", "Bescheid der Anerkennungsstelle")
    page.enclose("ConfirmationForm", "Formular der Empfangsbestätigung")


def _preliminary_approval(page: _Page, _: Answer) -> None:
    page.enclose("Approval", "Vorabzustimmung")


_KINDS: Final[dict[UpdateKind, tuple[str, Callable[[_Page, Answer], None]]]] = {
    "status": ("StatusUpdate", _status),
    "question": ("QuestionUpdate", _question),
    "appointment": ("AppointmentUpdate", _appointment),
    "withdrawal_answer": ("WithdrawalUpdate", _withdrawal_answer),
    "not_competent": ("NotCompetentUpdate", _not_competent),
    "intended_refusal": ("HearingUpdate", _intended_refusal),
    "ending": ("EndingUpdate", _ending),
    "agreement": ("AgreementUpdate", _agreement),
    "recognition_decision": ("RecognitionUpdate", _recognition_decision),
    "preliminary_approval": ("ApprovalUpdate", _preliminary_approval),
}
