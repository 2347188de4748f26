from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.person import BuildingAddress
from hub.model.upward import (
    Agreement,
    Appointment,
    Ending,
    IntendedRefusal,
    NotCompetent,
    PreliminaryApproval,
    Question,
    Receipt,
    RecognitionDecision,
    Refusal,
    RefusalReason,
    Status,
    WithdrawalAnswer,
    embedded,
)
from hub.xml import Invalid
from tests.adapters.alster.formats import DIALECTS, FORMATS, VERSIONS
from tests.adapters.alster.updates import JPEG, PDF, a_document_of_the_system, read
from tests.adapters.xauslaender.samples import MESSAGES
from tests.builders import a_context, an_id

both = pytest.mark.parametrize("version", VERSIONS)
A_DAY = {"3": "30.11.2026", "4": "2026-11-30"}
PLACE: list[tuple[str, Any]] = [
    ("Strasse", "Musterstraße"),
    ("Hausnummer", "1"),
    ("Plz", "00000"),
    ("Ort", "Musterstadt"),
]


def head(kind: str) -> dict[str, Any]:
    return {
        "id": an_id(f"update-{kind}"),
        "application_id": "AT-2026-000001",
        "answers": an_id("submission-employment"),
        "created_at": datetime(2026, 11, 2, 8, 15, tzinfo=UTC),
    }


def pdf(kind: str, at: int = 1) -> Document:
    return embedded(an_id(f"update-{kind}"), f"Datei-{at}", "application/pdf", PDF)


@both
def test_a_status_of_a_test_stays_a_test(version: str) -> None:
    document = a_document_of_the_system(version, "Sachstand", ("Schluessel", "05"), test=True)
    assert read(version, document) == Status(**head("Sachstand"), status="05", test=True)


@both
def test_a_question_with_deadline_and_attachment(version: str) -> None:
    document = a_document_of_the_system(
        version,
        "Rueckfrage",
        ("Text", "Bitte reichen Sie die Verträge nach."),
        ("Frist", A_DAY[version]),
        files=(("ANLAGE", "JPG", JPEG),),
    )
    attachment = embedded(an_id("update-Rueckfrage"), "Datei-1", "image/jpeg", JPEG)
    assert read(version, document) == Question(
        **head("Rueckfrage"),
        text="Bitte reichen Sie die Verträge nach.",
        deadline=date(2026, 11, 30),
        attachment=attachment.id,
        documents=(attachment,),
    )


@both
def test_an_appointment_with_everything(version: str) -> None:
    document = a_document_of_the_system(
        version,
        "Termin",
        ("Tag", A_DAY[version]),
        ("Von", "10:00"),
        ("Bis", "10:30"),
        ("Anschrift", PLACE),
        ("Ortshinweis", "Zimmer 4"),
        ("Buchung", "https://example.org/termine"),
        ("Hinweise", "Bitte Pass mitbringen."),
        files=(("SCHREIBEN", "PDF", PDF), ("GEBUEHR", "PDF", PDF)),
    )
    notice, fee = pdf("Termin"), pdf("Termin", 2)
    assert read(version, document) == Appointment(
        **head("Termin"),
        day=date(2026, 11, 30),
        from_time=time(10),
        until_time=time(10, 30),
        place=BuildingAddress(
            street="Musterstraße", house_number="1", postcode="00000", town="Musterstadt"
        ),
        place_note="Zimmer 4",
        notice=notice.id,
        booking="https://example.org/termine",
        fee_notice=fee.id,
        hints="Bitte Pass mitbringen.",
        documents=(notice, fee),
    )


@both
def test_answers_that_are_words_or_one_letter(version: str) -> None:
    files = (("ANLAGE", "PDF", PDF),)
    attachment = pdf("Ruecknahmeantwort")
    assert read(
        version,
        a_document_of_the_system(version, "Ruecknahmeantwort", ("Text", "Erledigt."), files=files),
    ) == WithdrawalAnswer(
        **head("Ruecknahmeantwort"),
        text="Erledigt.",
        attachment=attachment.id,
        documents=(attachment,),
    )
    body = (("Hinweis", "Bitte dort."), ("ZustaendigeBehoerde", "STV Ulm"))
    assert read(
        version, a_document_of_the_system(version, "Unzustaendigkeit", *body)
    ) == NotCompetent(**head("Unzustaendigkeit"), hint="Bitte dort.", competent_authority="STV Ulm")


@both
def test_letters_of_the_authority_in_their_roles(version: str) -> None:
    letter, form, page = ("SCHREIBEN", "PDF", PDF), ("FORMULAR", "PDF", PDF), ("ANLAGE", "PDF", PDF)
    first, second = pdf("Anhoerung"), pdf("Anhoerung", 2)
    fee = ("GEBUEHR", "PDF", PDF)
    assert read(
        version, a_document_of_the_system(version, "Anhoerung", files=(letter, fee))
    ) == IntendedRefusal(
        **head("Anhoerung"), notice=first.id, fee_notice=second.id, documents=(first, second)
    )
    first, second = pdf("Anerkennungsbescheid"), pdf("Anerkennungsbescheid", 2)
    assert read(
        version, a_document_of_the_system(version, "Anerkennungsbescheid", files=(letter, form))
    ) == RecognitionDecision(
        **head("Anerkennungsbescheid"),
        decision=first.id,
        confirmation_form=second.id,
        documents=(first, second),
    )
    pages = tuple(pdf("Vorabzustimmung", at) for at in (1, 2, 3))
    assert read(
        version, a_document_of_the_system(version, "Vorabzustimmung", files=(letter, page, page))
    ) == PreliminaryApproval(
        **head("Vorabzustimmung"),
        approval=pages[0].id,
        attachments=(pages[1].id, pages[2].id),
        documents=pages,
    )


@both
def test_the_fast_track_procedure(version: str) -> None:
    pages = (pdf("Verfahrensende"), pdf("Verfahrensende", 2))
    files = (("ANLAGE", "PDF", PDF),) * 2
    body = ("Schluessel", "03")
    assert read(
        version, a_document_of_the_system(version, "Verfahrensende", body, files=files)
    ) == Ending(
        **head("Verfahrensende"),
        reason="03",
        attachments=tuple(page.id for page in pages),
        documents=pages,
    )
    draft = pdf("Vereinbarungsentwurf")
    assert read(
        version,
        a_document_of_the_system(
            version, "Vereinbarungsentwurf", ("Text", "Hier."), files=(("SCHREIBEN", "PDF", PDF),)
        ),
    ) == Agreement(
        **head("Vereinbarungsentwurf"), agreement=draft.id, text="Hier.", documents=(draft,)
    )


@both
def test_a_receipt_and_a_refusal_are_for_the_hub(version: str) -> None:
    receipt = a_document_of_the_system(version, "Quittung", ("Eingangsnummer", "E-7"))
    assert read(version, receipt) == Receipt(**head("Quittung"), number="E-7")
    faults = [
        ("Fehler", [("Code", "S010"), ("Text", "Schlüssel?")]),
        ("Fehler", [("Code", "X001")]),
    ]
    refusal = a_document_of_the_system(version, "Abweisung", *faults)
    assert read(version, refusal) == Refusal(
        **head("Abweisung"),
        reasons=(RefusalReason(code="S010", text="Schlüssel?"), RefusalReason(code="X001")),
    )


@both
@pytest.mark.parametrize(
    ("kind", "files", "cause"),
    [
        ("Anhoerung", (), "document.missing"),
        ("Anhoerung", (("SCHREIBEN", "PDF", PDF), ("FORMULAR", "PDF", PDF)), "document.unexpected"),
        ("Quittung", (("ANLAGE", "PDF", PDF),), "document.unexpected"),
        ("Ruecknahmeantwort", (("ANLAGE", "PDF", PDF),) * 2, "document.unexpected"),
        ("Anhoerung", (("SCHREIBEN", "JPG", PDF),), "document.type_mismatch"),
    ],
)
def test_documents_that_do_not_belong_are_refused_not_dropped(
    version: str, kind: str, files: Any, cause: str
) -> None:
    with pytest.raises(PermanentFailure) as raised:
        read(version, a_document_of_the_system(version, kind, files=files))
    assert raised.value.cause == cause


@both
def test_a_code_that_no_list_has_is_named_by_its_field_only(version: str) -> None:
    with pytest.raises(PermanentFailure) as raised:
        read(version, a_document_of_the_system(version, "Sachstand", ("Schluessel", "99")))
    assert (raised.value.cause, raised.value.location) == ("value.not_allowed", "status")


def test_a_day_that_does_not_exist_is_refused() -> None:
    body = (("Text", "Wann?"), ("Frist", "31.02.2026"))
    with pytest.raises(PermanentFailure) as raised:
        read("3", a_document_of_the_system("3", "Rueckfrage", *body))
    assert raised.value.location == "Rueckmeldung/Rueckfrage/Frist"


def test_a_version_does_not_read_the_other() -> None:
    document = a_document_of_the_system("3", "Sachstand", ("Schluessel", "01"))
    with pytest.raises(Invalid):
        FORMATS["4"].schemas.check(document)


@both
def test_what_the_hub_itself_writes_is_no_message_to_it(version: str) -> None:
    message = MESSAGES["withdrawal"]
    root = FORMATS[version].write(message, a_context(message)).messages[0].root
    with pytest.raises(PermanentFailure, match=r"message\.unexpected"):
        read(version, root)


@both
def test_every_kind_is_carried(version: str) -> None:
    assert {"receipt", "refusal", "question", "agreement"} <= FORMATS[version].carries
    assert DIALECTS[version].version == version
