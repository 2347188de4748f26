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
from hub.xml import Element, Invalid, parse, serialise
from tests.adapters.isar.samples_of_system import UPDATES
from tests.adapters.isar.updates import (
    CONTEXT,
    FORMAT,
    JPEG,
    PDF,
    PLACE,
    Child,
    a_rejection,
    an_update,
    read,
)
from tests.builders import a_context, a_submission, an_id

SECRET = "Żółć-Müller"


def failure(document: Element) -> PermanentFailure:
    with pytest.raises(PermanentFailure) as raised:
        read(document)
    assert SECRET not in f"{raised.value} {raised.value.location}"
    return raised.value


def test_every_kind_is_read_as_what_it_is() -> None:
    assert {name: read(document).type for name, document in UPDATES.items()} == {
        name: name for name in UPDATES
    }
    assert set(UPDATES) == {*get_args(UpdateKind), "receipt", "refusal"}
    assert set(UPDATES) <= FORMAT.carries


@pytest.mark.parametrize("name", UPDATES)
def test_no_value_of_an_update_is_lost(name: str) -> None:
    read_again = read(UPDATES[name]).model_dump_json()
    texts = [each.text for each in UPDATES[name] if each.text and each.get("content") is None]
    assert [text for text in texts if text not in read_again] == []
    assert read_again.count('"sha256"') == len(UPDATES[name].findall("*[@content]"))


def test_a_receipt_names_the_message_that_was_accepted() -> None:
    assert read(an_update("CaseReceipt", case="I-1")) == Receipt(
        id=an_id("update-CaseReceipt"),
        application_id="AT-2026-000001",
        answers=an_id("submission-employment"),
        created_at=datetime(2026, 11, 2, 8, 15, tzinfo=UTC),
        number="I-1",
    )


def test_a_rejection_may_not_know_the_application_and_brings_codes_of_the_field() -> None:
    refusal = read(a_rejection(("DUPLICATE", None), ("TABLE", "Unbekannt"), application=None))
    assert isinstance(refusal, Refusal)
    assert refusal.application_id is None
    assert refusal.reasons == (
        RefusalReason(code="S100"),
        RefusalReason(code="S010", text="Unbekannt"),
    )


def test_a_question_with_deadline_and_attachment() -> None:
    question = read(
        an_update("QuestionUpdate", ("Text", "Wer?"), ("Attachment", JPEG), deadline="2026-11-30")
    )
    attachment = embedded(an_id("update-QuestionUpdate"), "Attachment", "image/jpeg", JPEG)
    assert isinstance(question, Question)
    assert (question.text, question.deadline) == ("Wer?", date(2026, 11, 30))
    assert (question.attachment, question.documents) == (attachment.id, (attachment,))


def test_an_appointment_with_time_and_place() -> None:
    appointment = read(an_update("AppointmentUpdate", day="2026-12-01", from_="10:00:00", **PLACE))
    assert isinstance(appointment, Appointment)
    assert (appointment.day, appointment.from_time) == (date(2026, 12, 1), time(10))
    assert appointment.place == BuildingAddress(
        street="Musterstraße", house_number="1", postcode="00000", town="Musterstadt"
    )


def test_documents_of_one_role_are_told_apart_by_their_order() -> None:
    ending = read(UPDATES["ending"])
    assert isinstance(ending, Ending)
    assert [each.media_type for each in ending.documents] == ["image/jpeg", "application/pdf"]
    assert ending.attachments == tuple(each.id for each in ending.documents)


@pytest.mark.parametrize(("said", "test"), [("true", True), ("false", False), (None, False)])
def test_a_test_stays_a_test(said: str | None, test: bool) -> None:
    status = read(an_update("StatusUpdate", test=said, status="CHECKED"))
    assert isinstance(status, Status)
    assert status.test is test


@pytest.mark.parametrize(
    ("name", "children", "values", "cause"),
    [
        ("QuestionUpdate", [("Text", "   ")], {}, "text.not_allowed"),
        ("QuestionUpdate", [("Text", f"{SECRET}\u4e2d")], {}, "text.not_allowed"),
        ("QuestionUpdate", [("Text", SECRET * 9_999)], {}, "text.not_allowed"),
        ("StatusUpdate", [("Attachment", b"MZ")], {"status": "AGREED"}, "document.type_mismatch"),
        ("AppointmentUpdate", [], PLACE | {"houseNumber": SECRET}, "value.not_allowed"),
        ("AppointmentUpdate", [], {"street": SECRET}, "X001"),
        ("AppointmentUpdate", [], {"from_": "24:00:00"}, "value.not_allowed"),
        ("StatusUpdate", [], {"application": "a b", "status": "AGREED"}, "value.not_allowed"),
    ],
)
def test_what_no_schema_can_say_is_refused_with_its_place(
    name: str, children: list[Child], values: dict[str, str], cause: str
) -> None:
    refused = failure(an_update(name, *children, **values))
    assert refused.cause == cause
    assert refused.location


@pytest.mark.parametrize(
    ("name", "children", "values"),
    [
        ("StatusUpdate", [], {"status": "APPROVED"}),
        ("StatusUpdate", [], {}),
        ("StatusUpdate", [], {"status": "CHECKED", "created": "2026-02-30T09:15:00Z"}),
        ("StatusUpdate", [], {"status": "CHECKED", "created": "2026-11-02T09:15:00"}),
        ("QuestionUpdate", [("Text", "x")], {"deadline": "2026-02-31"}),
        ("QuestionUpdate", [], {}),
        ("HearingUpdate", [("FeeNotice", PDF)], {}),
        ("WholeNewUpdate", [], {}),
    ],
)
def test_what_the_schema_can_say_the_schema_refuses(
    name: str, children: list[Child], values: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        read(an_update(name, *children, **values))


def test_a_document_that_is_no_base64_is_refused() -> None:
    document = an_update("HearingUpdate", ("Notice", PDF))
    document[0].text = "%%"
    assert failure(document).cause == "value.not_allowed"


@pytest.mark.parametrize(
    ("hostile", "cause"),
    [
        (b'<!DOCTYPE x [<!ENTITY e "x">]>', "xml.doctype"),
        (b"<a>" * 70 + b"</a>" * 70, "xml.too_deep"),
        (b"<StatusUpdate", "X000"),
        ("<a>ü</a>".encode("latin-1"), "S001"),
    ],
)
def test_what_is_hostile_is_refused_before_it_is_read(hostile: bytes, cause: str) -> None:
    with pytest.raises(PermanentFailure) as raised:
        parse(hostile, encodings=FORMAT.encodings)
    assert raised.value.cause == cause


def test_the_namespace_of_another_version_is_none_of_this_one() -> None:
    other = serialise(UPDATES["status"]).replace(b"isar:2.1", b"isar:2.0")
    with pytest.raises(Invalid):
        FORMAT.schemas.check(parse(other))
    with pytest.raises(PermanentFailure, match=r"message\.unexpected"):
        FORMAT.read(parse(other), CONTEXT)


def test_a_message_to_the_authority_is_not_expected_from_it() -> None:
    message = a_submission()
    sent = FORMAT.write(message, a_context(message)).messages[0].root
    with pytest.raises(PermanentFailure, match=r"message\.unexpected"):
        FORMAT.read(sent, CONTEXT)
