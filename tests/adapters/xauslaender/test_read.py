from datetime import UTC, date, datetime, time
from typing import Any

from hub.model.document import Document
from hub.model.person import BuildingAddress
from hub.model.upward import (
    Agreement,
    Appointment,
    Ending,
    IntendedRefusal,
    NotCompetent,
    PreliminaryApproval,
    Question,
    RecognitionDecision,
    Refusal,
    RefusalReason,
    Status,
    WithdrawalAnswer,
    embedded,
)
from hub.xml import serialise
from tests.adapters.xauslaender.updates import (
    CONTEXT,
    FORMAT,
    JPEG,
    PDF,
    PLACE,
    a_document_of_the_system,
    a_refusal,
    code,
    enclosed,
    read,
)
from tests.builders import a_context, a_document, a_submission, an_id


def head(number: str) -> dict[str, Any]:
    return {
        "id": an_id(f"update-{number}"),
        "application_id": "AT-2026-000001",
        "answers": an_id("submission-employment"),
        "created_at": datetime(2026, 11, 2, 8, 15, tzinfo=UTC),
    }


def pdf(number: str, role: str) -> Document:
    return embedded(an_id(f"update-{number}"), role, "application/pdf", PDF)


def test_a_question_with_deadline_and_attachment() -> None:
    document = a_document_of_the_system(
        "130102",
        ("frage", "Bitte reichen Sie den Arbeitsvertrag nach."),
        ("fristdatum", "2026-11-30"),
        ("anlage", enclosed(JPEG, "2")),
    )
    attachment = embedded(an_id("update-130102"), "anlage", "image/jpeg", JPEG)
    assert read(document) == Question(
        **head("130102"),
        text="Bitte reichen Sie den Arbeitsvertrag nach.",
        deadline=date(2026, 11, 30),
        attachment=attachment.id,
        documents=(attachment,),
    )


def test_a_status_of_a_test_stays_a_test() -> None:
    document = a_document_of_the_system("130104", ("status", code("status", "05")), test="1")
    assert read(document) == Status(**head("130104"), status="05", test=True)


def test_an_appointment_with_everything() -> None:
    document = a_document_of_the_system(
        "130105",
        (
            "strukturierteTermininformationen",
            [
                ("datum", "2026-12-01"),
                ("uhrzeitAb", "10:00:00"),
                ("uhrzeitBis", "09:30:00Z"),
                ("ort", PLACE),
                ("weitereAngabenZumOrt", "Zimmer 4"),
            ],
        ),
        ("terminmitteilung", enclosed()),
        ("onlinevergabe", "https://example.org/termine"),
        ("gebuehrenmitteilung", enclosed()),
        ("weitereHinweise", "Bitte Pass mitbringen."),
    )
    notice, fee = pdf("130105", "terminmitteilung"), pdf("130105", "gebuehrenmitteilung")
    assert read(document) == Appointment(
        **head("130105"),
        day=date(2026, 12, 1),
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


def test_an_answer_to_a_withdrawal_that_says_nothing() -> None:
    assert read(a_document_of_the_system("130107")) == WithdrawalAnswer(**head("130107"))


def test_an_answer_to_a_withdrawal_in_words() -> None:
    document = a_document_of_the_system(
        "130107", ("rueckmeldung", "Erledigt."), ("anlage", enclosed())
    )
    attachment = pdf("130107", "anlage")
    assert read(document) == WithdrawalAnswer(
        **head("130107"), text="Erledigt.", attachment=attachment.id, documents=(attachment,)
    )


def test_an_authority_that_is_not_competent() -> None:
    document = a_document_of_the_system(
        "130109", ("hinweis", "Bitte wenden Sie sich dorthin."), ("zustaendigeABH", "STV Ulm")
    )
    assert read(document) == NotCompetent(
        **head("130109"), hint="Bitte wenden Sie sich dorthin.", competent_authority="STV Ulm"
    )


def test_an_intended_refusal_with_its_fee_notice() -> None:
    document = a_document_of_the_system(
        "130110", ("mitteilung", enclosed()), ("gebuehrenmitteilung", enclosed())
    )
    notice, fee = pdf("130110", "mitteilung"), pdf("130110", "gebuehrenmitteilung")
    assert read(document) == IntendedRefusal(
        **head("130110"), notice=notice.id, fee_notice=fee.id, documents=(notice, fee)
    )


def test_an_ending_keeps_its_attachments_apart() -> None:
    document = a_document_of_the_system(
        "130402",
        ("anlass", code("ending_reason", "03")),
        ("anhang", enclosed()),
        ("anhang", enclosed()),
    )
    attachments = (pdf("130402", "anhang-1"), pdf("130402", "anhang-2"))
    assert read(document) == Ending(
        **head("130402"),
        reason="03",
        attachments=tuple(attachment.id for attachment in attachments),
        documents=attachments,
    )


def test_an_agreement_with_a_note() -> None:
    document = a_document_of_the_system(
        "130403", ("vereinbarung", enclosed()), ("mitteilung", "Bitte unterschreiben.")
    )
    agreement = pdf("130403", "vereinbarung")
    assert read(document) == Agreement(
        **head("130403"),
        agreement=agreement.id,
        text="Bitte unterschreiben.",
        documents=(agreement,),
    )


def test_a_recognition_decision_with_its_form() -> None:
    document = a_document_of_the_system(
        "130405", ("bescheid", enclosed()), ("empfangsbestaetigung", enclosed())
    )
    decision, form = pdf("130405", "bescheid"), pdf("130405", "empfangsbestaetigung")
    assert read(document) == RecognitionDecision(
        **head("130405"),
        decision=decision.id,
        confirmation_form=form.id,
        documents=(decision, form),
    )


def test_a_preliminary_approval_with_an_attachment() -> None:
    document = a_document_of_the_system(
        "130407", ("vorabzustimmung", enclosed()), ("anlage", enclosed())
    )
    approval, attachment = pdf("130407", "vorabzustimmung"), pdf("130407", "anlage-1")
    assert read(document) == PreliminaryApproval(
        **head("130407"),
        approval=approval.id,
        attachments=(attachment.id,),
        documents=(approval, attachment),
    )


def test_a_refusal_names_the_message_inside_it() -> None:
    message = a_submission(id=an_id("refused"))
    sent = FORMAT.write(message, a_context(message)).messages[0]
    refusal = a_refusal(serialise(sent.root), "S010", "X001", words="Schlüssel unbekannt")
    assert read(refusal) == Refusal(
        **head("0010") | {"answers": an_id("refused")},
        reasons=(
            RefusalReason(code="S010", text="Schlüssel unbekannt"),
            RefusalReason(code="X001", text="Schlüssel unbekannt"),
        ),
    )


def test_a_refused_packet_is_the_refusal_of_its_message() -> None:
    large = a_document(size=40 * 1000 * 1000)
    message = a_submission(id=an_id("head"), documents_given=(large,))
    packet = FORMAT.write(message, a_context(message)).messages[2]
    assert packet.name == "000040"
    refusal = a_refusal(serialise(packet.root), "S999")
    (read_refusal,) = FORMAT.read(refusal, CONTEXT)
    assert read_refusal.answers == an_id("head")


def test_reading_twice_gives_the_same_document_ids() -> None:
    document = a_document_of_the_system("130403", ("vereinbarung", enclosed()))
    assert read(document).documents == read(document).documents


def test_a_point_in_time_without_a_zone_is_german_time() -> None:
    document = a_document_of_the_system(
        "130104", ("status", code("status", "01")), created="2026-07-01T12:00:00"
    )
    assert read(document).created_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_every_kind_that_is_read_is_carried_and_the_reverse() -> None:
    read_here = {
        *("status", "question", "appointment", "withdrawal_answer", "not_competent"),
        *("intended_refusal", "ending", "agreement", "recognition_decision"),
        *("preliminary_approval", "refusal"),
    }
    assert read_here <= FORMAT.carries
    assert "receipt" not in FORMAT.carries
