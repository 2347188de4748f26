import hashlib
import json
from uuid import uuid4

import pytest
from pydantic import ValidationError

from hub.model.details import Service
from hub.model.document import Document
from hub.model.downward import downward
from hub.model.problems import problems
from tests.model.builders import (
    SERVICES,
    Json,
    a_document,
    a_reply,
    a_submission,
    details,
    reply_json,
    submission_json,
)

# Which values of the telling codes each service allows (chapter OZG of XAusländer 26.11).
APPLICATION_REASONS = {
    **dict.fromkeys(("employment", "family", "education", "protection", "free_movement"), "01 02"),
    "conditions": "03",
    "settlement": "04",
    "work_permission": "05 06 07",
}
RESIDENCE_REASONS = {"employment": "03", "family": "01", "education": "02", "protection": "04"}


def refusals(message: Json) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        downward.validate_python(message)
    return problems(refused.value)


@pytest.mark.parametrize("service", SERVICES)
def test_a_submission_of_every_service_survives_its_json(service: Service) -> None:
    submission = a_submission(service)
    assert submission.service == service
    assert downward.validate_json(downward.dump_json(submission)) == submission


@pytest.mark.parametrize("service", APPLICATION_REASONS)
def test_a_service_refuses_the_application_reasons_of_the_others(service: Service) -> None:
    allowed = []
    for code in (f"{number:02d}" for number in range(9)):
        message = submission_json(service)
        message["details"]["application_reason"] = code
        try:
            downward.validate_python(message)
        except ValidationError:
            continue
        allowed.append(code)
    assert " ".join(allowed) == APPLICATION_REASONS[service]


@pytest.mark.parametrize("service", RESIDENCE_REASONS)
def test_a_service_refuses_the_residence_reasons_of_the_others(service: Service) -> None:
    for code in ("01", "02", "03", "04"):
        message = submission_json(service)
        message["details"]["residence_reason"] = code
        if code == RESIDENCE_REASONS[service]:
            downward.validate_python(message)
        else:
            assert refusals(message)[0][0] == "details.residence_reason"


def test_one_service_does_not_take_the_fields_of_another() -> None:
    message = submission_json("employment")
    message["details"]["condition_change"] = "40 Stunden"
    assert refusals(message) == [("details.condition_change", "is not a field of this message")]


@pytest.mark.parametrize(
    "destination", [{"authority": None}, {"place": "081110000000"}], ids=["neither", "both"]
)
def test_a_submission_names_either_its_authority_or_a_place(destination: Json) -> None:
    refused = refusals(submission_json(**destination))
    assert refused == [("", "give either authority or place")]
    assert a_submission(authority=None, place="081110000000").authority is None


def test_a_back_channel_needs_a_mailbox() -> None:
    refused = refusals(submission_json(mailbox=None))
    assert refused == [("", "back_channel needs a mailbox")]
    assert a_submission(mailbox=None, back_channel=False).mailbox is None


def test_every_document_is_listed_and_named_once() -> None:
    one, other = a_document(), a_document()
    message = submission_json(documents=[one, other])

    unlisted = {**message, "documents": [one]}
    unused = {**message, "details": details("employment", [one])}
    twice = {**message, "details": details("employment", [one, one, other])}
    same_id = {**message, "documents": [one, other, one]}

    assert refusals(unlisted) == [
        ("", f"details name documents that are not listed: {other['id']}")
    ]
    assert refusals(unused) == [
        ("", f"documents that no detail names would be lost: {other['id']}")
    ]
    assert refusals(twice) == [("", "details name one document twice")]
    assert refusals(same_id) == [("", "two documents have the same id")]


def test_documents_are_found_wherever_the_details_name_them() -> None:
    front, back, stay = a_document(), a_document(), a_document()
    message = submission_json("family", documents=[front, back, stay])
    message["details"]["evidence"] = []
    message["details"]["person"] |= {
        "passport": {
            "serial_number": "X1",
            "valid_from": "2020-01-01",
            "valid_until": "2030-01-01",
            "pages": [front["id"], back["id"]],
        },
        "residence_document": {"pages": [stay["id"]]},
    }
    downward.validate_python(message)


def test_a_time_needs_its_zone() -> None:
    refused = refusals(submission_json(created_at="2026-11-02T09:15:00"))
    assert refused == [("created_at", "needs a time zone, such as 2026-11-02T09:15:00Z")]


def test_a_reply_says_something() -> None:
    assert refusals(reply_json(text=None)) == [("", "give a text or a document")]
    assert a_reply(text=None, documents=[a_document()]).text is None


def test_a_withdrawal_carries_no_documents() -> None:
    message = {"type": "withdrawal", "id": str(uuid4()), "case": str(uuid4())}
    message |= {"created_at": "2026-11-02T09:15:00Z"}
    assert downward.validate_python(message).documents == ()
    refused = refusals(message | {"documents": [a_document()]})
    assert refused == [("", "a withdrawal carries no documents")]


@pytest.mark.parametrize("kind", ["agreement_reply", "receipt_confirmation"])
@pytest.mark.parametrize("number", [0, 2])
def test_the_answers_of_the_fast_track_carry_exactly_one_document(kind: str, number: int) -> None:
    message = reply_json(type=kind)
    del message["text"]
    downward.validate_python(message | {"documents": [a_document()]})
    refused = refusals(message | {"documents": [a_document() for _ in range(number)]})
    assert refused == [("", "give exactly one document")]


@pytest.mark.parametrize("length", [1, 57, 58, 100_000])
def test_a_documents_bytes_survive_json(length: int) -> None:
    content = (b"\xff\xfb\xf0\x00" * length)[:length]
    document = Document.model_validate(a_document(content))
    assert document.content == content
    again = Document.model_validate_json(document.model_dump_json())
    assert again == document
    assert hashlib.sha256(again.content or b"").hexdigest() == document.sha256


@pytest.mark.parametrize("wrong", ["%PDF-1.7", "QUJD\n", "QUJ", "QUJ_", "QU=JD", "QUJD=", "ü"])
def test_what_is_not_base64_is_refused_instead_of_guessed(wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Document.model_validate(a_document() | {"content": wrong})
    assert problems(refused.value) == [("content", "is not base64 (RFC 4648, section 4)")]


def test_a_document_is_as_large_as_it_says() -> None:
    with pytest.raises(ValidationError) as refused:
        Document.model_validate(a_document(b"1234") | {"size": 5})
    assert problems(refused.value) == [("", "size is not the number of bytes in content")]


def test_the_json_schema_covers_every_message_and_every_service() -> None:
    schema = downward.json_schema()
    assert set(schema["discriminator"]["mapping"]) == {
        *("submission", "reply", "withdrawal", "agreement_reply", "receipt_confirmation")
    }
    by_service = schema["$defs"]["Submission"]["properties"]["details"]["discriminator"]["mapping"]
    assert set(by_service) == set(SERVICES)
    named = {part["$ref"] for part in _refs(schema)}
    assert {name.removeprefix("#/$defs/") for name in named} == set(schema["$defs"])
    assert json.loads(json.dumps(schema)) == schema


def _refs(value: object) -> list[Json]:
    if isinstance(value, dict):
        own = [value] if isinstance(value.get("$ref"), str) else []
        return own + [found for part in value.values() for found in _refs(part)]
    if isinstance(value, list):
        return [found for part in value for found in _refs(part)]
    return []
