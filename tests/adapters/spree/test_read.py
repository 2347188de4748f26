from datetime import UTC, date, datetime, time
from typing import get_args

import pytest

from hub.model.failure import PermanentFailure
from hub.model.person import BuildingAddress
from hub.model.upward import (
    Appointment,
    Ending,
    Question,
    Receipt,
    Refusal,
    RefusalReason,
    Status,
    UpdateKind,
    embedded,
)
from hub.xml import Element, Invalid
from tests.adapters.spree.samples_of_system import UPDATES
from tests.adapters.spree.updates import (
    CONTEXT,
    FORMAT,
    JPEG,
    PDF,
    PLACE,
    a_document_of_the_system,
    read,
)
from tests.builders import a_context, a_submission, an_id

NO_DATE = "31.02.2026"


def failure(document: Element) -> PermanentFailure:
    with pytest.raises(PermanentFailure) as raised:
        read(document)
    return raised.value


def test_every_kind_is_read_as_what_it_is() -> None:
    assert {read(document).type for document in UPDATES.values()} == set(UPDATES)
    assert set(UPDATES) == {*get_args(UpdateKind), "receipt", "refusal"}
    assert set(UPDATES) <= FORMAT.carries


def test_a_receipt_names_the_message_that_was_accepted() -> None:
    document = a_document_of_the_system("QUITTUNG", '<Quittung nummer="E-1"/>')
    assert read(document) == Receipt(
        id=an_id("update-QUITTUNG"),
        application_id="AT-2026-000001",
        answers=an_id("submission-employment"),
        created_at=datetime(2026, 11, 2, 8, 15, tzinfo=UTC),
        number="E-1",
    )


def test_a_refusal_may_not_know_the_application_and_brings_codes_of_the_field() -> None:
    section = (
        '<Abweisung><Grund fehler="DOPPELT"/><Grund fehler="TABELLE">Unbekannt</Grund></Abweisung>'
    )
    refusal = read(a_document_of_the_system("ABWEISUNG", section, application_id=None))
    assert isinstance(refusal, Refusal)
    assert refusal.application_id is None
    assert refusal.reasons == (
        RefusalReason(code="S100"),
        RefusalReason(code="S010", text="Unbekannt"),
    )


def test_a_question_with_deadline_and_attachment() -> None:
    question = read(
        a_document_of_the_system(
            "FRAGE", '<Frage frist="30.11.2026" anlage="1"><Text>Wer?</Text></Frage>', JPEG
        )
    )
    attachment = embedded(an_id("update-FRAGE"), "anlage-1", "image/jpeg", JPEG)
    assert isinstance(question, Question)
    assert (question.text, question.deadline) == ("Wer?", date(2026, 11, 30))
    assert (question.attachment, question.documents) == (attachment.id, (attachment,))


def test_an_appointment_with_time_and_place() -> None:
    appointment = read(
        a_document_of_the_system(
            "TERMIN", f'<Termin tag="01.12.2026" von="10:00" bis="10:30">{PLACE}</Termin>'
        )
    )
    assert isinstance(appointment, Appointment)
    assert (appointment.day, appointment.from_time) == (date(2026, 12, 1), time(10))
    assert appointment.place == BuildingAddress(
        street="Musterstraße", house_number="1", postcode="00000", town="Musterstadt"
    )


def test_documents_are_told_apart_by_their_numbers() -> None:
    ending = read(UPDATES["ending"])
    assert isinstance(ending, Ending)
    assert [each.media_type for each in ending.documents] == ["image/jpeg", "application/pdf"]
    assert ending.attachments == tuple(each.id for each in ending.documents)


@pytest.mark.parametrize(("probe", "test"), [("J", True), ("N", False), (None, False)])
def test_a_test_stays_a_test(probe: str | None, test: bool) -> None:
    status = read(a_document_of_the_system("STAND", '<Stand stand="GEPRUEFT"/>', probe=probe))
    assert isinstance(status, Status)
    assert status.test is test


@pytest.mark.parametrize(
    ("kind", "section", "documents", "cause"),
    [
        ("FRAGE", '<Stand stand="GEPRUEFT"/>', (), "message.type_mismatch"),
        ("ANTWORT", "<Antwort><Text>x</Text></Antwort>", (), "message.unexpected"),
        ("FRAGE", f'<Frage frist="{NO_DATE}"><Text>x</Text></Frage>', (), "value.not_allowed"),
        ("FRAGE", "<Frage><Text>   </Text></Frage>", (), "text.not_allowed"),
        ("FRAGE", "<Frage><Text>\u4e2d</Text></Frage>", (), "text.not_allowed"),
        ("STAND", '<Stand stand="GEPRUEFT"/>', (PDF,), "document.not_named"),
        ("STAND", '<Stand stand="GEPRUEFT" anlage="1"/>', (b"MZ",), "document.type_mismatch"),
        ("TERMIN", f"<Termin>{PLACE.replace('1', '/')}</Termin>", (), "value.not_allowed"),
    ],
)
def test_what_no_schema_can_say_is_refused_with_its_place(
    kind: str, section: str, documents: tuple[bytes, ...], cause: str
) -> None:
    refused = failure(a_document_of_the_system(kind, section, *documents))
    assert refused.cause == cause
    assert refused.location


def test_a_moment_that_no_clock_shows_is_refused() -> None:
    document = a_document_of_the_system(
        "STAND", '<Stand stand="GEPRUEFT"/>', created="30.02.2026 09:15:00 +0100"
    )
    assert failure(document).location == "Vorgang/@erstellt"


@pytest.mark.parametrize(
    "section",
    ['<Stand stand="04"/>', '<Stand stand="GEPRUEFT" anlage="2"/>', "<Frage/>"],
)
def test_what_the_schema_can_say_the_schema_refuses(section: str) -> None:
    with pytest.raises(Invalid):
        read(a_document_of_the_system("STAND", section, PDF))


def test_a_message_to_the_authority_is_not_expected_from_it() -> None:
    message = a_submission()
    sent = FORMAT.write(message, a_context(message)).messages[0].root
    with pytest.raises(PermanentFailure, match=r"message\.unexpected"):
        FORMAT.read(sent, CONTEXT)


def test_no_failure_quotes_what_stood_there() -> None:
    document = a_document_of_the_system("FRAGE", f'<Frage frist="{NO_DATE}"><Text>x</Text></Frage>')
    assert NO_DATE not in f"{failure(document)}"
