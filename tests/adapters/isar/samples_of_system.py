"""The documents of a system in the golden examples: one per kind, with every place filled.

All are marked as tests: a vendor may send them somewhere.
"""

from functools import partial

from hub.xml import Element
from tests.adapters.isar.updates import JPEG, PDF, PLACE, a_rejection, an_update

_test = partial(an_update, test="true")

UPDATES: dict[str, Element] = {
    "receipt": _test("CaseReceipt", case="I-2026-000001"),
    "refusal": a_rejection(
        ("OTHER", "Der Vorgang ist schon abgeschlossen."), ("CODE", None), test="true"
    ),
    "status": _test("StatusUpdate", ("Attachment", PDF), status="CHECKED"),
    "question": _test(
        "QuestionUpdate",
        ("Text", "Bitte reichen Sie den vollständigen Arbeitsvertrag nach."),
        ("Attachment", PDF),
        deadline="2026-11-30",
    ),
    "appointment": _test(
        "AppointmentUpdate",
        ("PlaceNote", "Zimmer 4, zweiter Stock"),
        ("Notice", PDF),
        ("Booking", "https://example.org/termine"),
        ("FeeNotice", JPEG),
        ("Hints", "Bitte Pass und biometrisches Lichtbild mitbringen."),
        day="2026-12-01",
        from_="10:00:00",
        until="10:30:00",
        **PLACE,
    ),
    "withdrawal_answer": _test(
        "WithdrawalUpdate",
        ("Text", "Ihr Antrag wird nicht weiter geprüft."),
        ("Attachment", PDF),
    ),
    "not_competent": _test(
        "NotCompetentUpdate",
        ("Text", "Zuständig ist die Ausländerbehörde Ihres Wohnorts."),
        competentAuthority="Ausländerbehörde Beispielhausen",
    ),
    "intended_refusal": _test("HearingUpdate", ("Notice", PDF), ("FeeNotice", PDF)),
    "ending": _test(
        "EndingUpdate", ("Attachment", JPEG), ("Attachment", PDF), reason="NO_RESPONSE"
    ),
    "agreement": _test(
        "AgreementUpdate", ("Agreement", PDF), ("Text", "Bitte unterschrieben zurücksenden.")
    ),
    "recognition_decision": _test(
        "RecognitionUpdate", ("Decision", PDF), ("ConfirmationForm", PDF)
    ),
    "preliminary_approval": _test(
        "ApprovalUpdate", ("Approval", PDF), ("Attachment", PDF), ("Attachment", JPEG)
    ),
}
