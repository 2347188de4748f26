"""The documents of a system in the golden examples: one per kind, with every element filled.

All are marked as tests: a vendor may send them somewhere.
"""

from functools import partial

from hub.xml import Element
from tests.adapters.spree.updates import JPEG, PDF, PLACE, a_document_of_the_system

_test = partial(a_document_of_the_system, probe="J")

UPDATES: dict[str, Element] = {
    "receipt": _test("QUITTUNG", '<Quittung nummer="E-2026-000001"/>'),
    "refusal": _test(
        "ABWEISUNG",
        '<Abweisung><Grund fehler="SONST">Der Vorgang ist schon abgeschlossen.</Grund>'
        '<Grund fehler="SCHLUESSEL"/></Abweisung>',
    ),
    "status": _test("STAND", '<Stand stand="GEPRUEFT" anlage="1"/>', PDF),
    "question": _test(
        "FRAGE",
        '<Frage frist="30.11.2026" anlage="1">'
        "<Text>Bitte reichen Sie den vollständigen Arbeitsvertrag nach.</Text></Frage>",
        PDF,
    ),
    "appointment": _test(
        "TERMIN",
        f'<Termin tag="01.12.2026" von="10:00" bis="10:30">{PLACE}'
        "<Ortshinweis>Zimmer 4, zweiter Stock</Ortshinweis>"
        '<Mitteilung anlage="1"/><Buchung>https://example.org/termine</Buchung>'
        '<Gebuehr anlage="2"/>'
        "<Hinweis>Bitte Pass und biometrisches Lichtbild mitbringen.</Hinweis></Termin>",
        PDF,
        JPEG,
    ),
    "withdrawal_answer": _test(
        "RUECKNAHME_ANTWORT",
        '<RuecknahmeAntwort anlage="1"><Text>Ihr Antrag wird nicht weiter geprüft.</Text>'
        "</RuecknahmeAntwort>",
        PDF,
    ),
    "not_competent": _test(
        "UNZUSTAENDIG",
        "<Unzustaendig><Hinweis>Zuständig ist die Ausländerbehörde Ihres Wohnorts.</Hinweis>"
        "<Behoerde>Ausländerbehörde Beispielhausen</Behoerde></Unzustaendig>",
    ),
    "intended_refusal": _test(
        "ANHOERUNG",
        '<Anhoerung><Mitteilung anlage="1"/><Gebuehr anlage="2"/></Anhoerung>',
        PDF,
        PDF,
    ),
    "ending": _test(
        "BEENDET",
        '<Beendet grund="KEINE_RUECKMELDUNG"><Schreiben anlage="2"/><Schreiben anlage="1"/>'
        "</Beendet>",
        PDF,
        JPEG,
    ),
    "agreement": _test(
        "VEREINBARUNG",
        '<Vereinbarung anlage="1"><Text>Bitte unterschrieben zurücksenden.</Text></Vereinbarung>',
        PDF,
    ),
    "recognition_decision": _test(
        "BESCHEID",
        '<Bescheid><Bescheid anlage="1"/><Formular anlage="2"/></Bescheid>',
        PDF,
        PDF,
    ),
    "preliminary_approval": _test(
        "VORABZUSTIMMUNG",
        '<Vorabzustimmung anlage="3"><Beilage anlage="1"/><Beilage anlage="2"/></Vorabzustimmung>',
        PDF,
        JPEG,
        PDF,
    ),
}
