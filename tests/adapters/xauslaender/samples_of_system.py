"""The documents of a system in the golden examples: one per kind, with every element filled.

All are marked as tests: a vendor may send them somewhere.
"""

from functools import partial

from adapters.xauslaender import adapter
from hub.xml import Element, serialise
from tests.adapters.xauslaender.updates import (
    JPEG,
    PLACE,
    Child,
    a_document_of_the_system,
    a_refusal,
    code,
    enclosed,
)
from tests.builders import a_context, a_withdrawal

_TIME_AND_PLACE: list[Child] = [
    ("datum", "2026-12-01"),
    ("uhrzeitAb", "10:00:00"),
    ("uhrzeitBis", "10:30:00"),
    ("ort", PLACE),
    ("weitereAngabenZumOrt", "Zimmer 4, zweiter Stock"),
]


a_test_document = partial(a_document_of_the_system, test="true")


def _refusal() -> Element:
    message = a_withdrawal(test=True)
    sent = adapter.formats["26.11"].write(message, a_context(message)).messages[0]
    return a_refusal(
        serialise(sent.root), "S999", words="Der Vorgang ist schon abgeschlossen.", test="true"
    )


UPDATES: dict[str, Element] = {
    "question": a_test_document(
        "130102",
        ("frage", "Bitte reichen Sie den vollständigen Arbeitsvertrag nach."),
        ("fristdatum", "2026-11-30"),
        ("anlage", enclosed()),
    ),
    "status": a_test_document("130104", ("status", code("status", "05")), ("anhang", enclosed())),
    "appointment": a_test_document(
        "130105",
        ("strukturierteTermininformationen", _TIME_AND_PLACE),
        ("terminmitteilung", enclosed()),
        ("onlinevergabe", "https://example.org/termine"),
        ("gebuehrenmitteilung", enclosed(JPEG, "2")),
        ("weitereHinweise", "Bitte Pass und biometrisches Lichtbild mitbringen."),
    ),
    "withdrawal_answer": a_test_document(
        "130107", ("rueckmeldung", "Ihr Antrag wird nicht weiter geprüft."), ("anlage", enclosed())
    ),
    "not_competent": a_test_document(
        "130109",
        ("hinweis", "Zuständig ist die Ausländerbehörde Ihres Wohnorts."),
        ("zustaendigeABH", "Ausländerbehörde Beispielhausen"),
    ),
    "intended_refusal": a_test_document(
        "130110", ("mitteilung", enclosed()), ("gebuehrenmitteilung", enclosed())
    ),
    "ending": a_test_document(
        "130402",
        ("anlass", code("ending_reason", "04")),
        ("anhang", enclosed()),
        ("anhang", enclosed(JPEG, "2")),
    ),
    "agreement": a_test_document(
        "130403",
        ("vereinbarung", enclosed()),
        ("mitteilung", "Bitte senden Sie die Vereinbarung unterschrieben zurück."),
    ),
    "recognition_decision": a_test_document(
        "130405", ("bescheid", enclosed()), ("empfangsbestaetigung", enclosed())
    ),
    "preliminary_approval": a_test_document(
        "130407", ("vorabzustimmung", enclosed()), ("anlage", enclosed()), ("anlage", enclosed())
    ),
    "refusal": _refusal(),
}
