import pytest

from hub.adapter import PermanentFailure
from hub.model.upward import Question
from hub.xml import Element, parse, serialise
from tests.adapters.xauslaender.updates import (
    CONTEXT,
    FORMAT,
    JPEG,
    PLACE,
    Child,
    a_document_of_the_system,
    a_refusal,
    code,
    enclosed,
    read,
)
from tests.builders import a_context, a_submission


def failure(document: Element) -> PermanentFailure:
    with pytest.raises(PermanentFailure) as raised:
        read(document)
    assert "secret" not in f"{raised.value} {raised.value.location} {raised.value.__cause__}"
    return raised.value


@pytest.mark.parametrize("content", [b"MZsecret", b"", JPEG, b"<html>secret</html>"])
def test_a_document_that_is_not_what_its_code_says_is_never_passed_on(content: bytes) -> None:
    document = a_document_of_the_system(
        "130102", ("frage", "Was?"), ("anlage", enclosed(content, "1"))
    )
    refused = failure(document)
    assert refused.cause == "document.type_mismatch"
    assert refused.location == "OZG.RueckkanalFrage.130102/anlage"


@pytest.mark.parametrize(
    ("number", "body", "location"),
    [
        ("130102", [("frage", "secret 文字")], "OZG.RueckkanalFrage.130102/frage"),
        ("130102", [("frage", "   ")], "OZG.RueckkanalFrage.130102/frage"),
        ("130102", [("frage", "secret" * 5000)], "OZG.RueckkanalFrage.130102/frage"),
        (
            "130107",
            [("rueckmeldung", "secret \u202e")],
            "OZG.RuecknahmeReaktion.130107/rueckmeldung",
        ),
    ],
)
def test_text_that_the_hub_may_not_carry_is_refused_by_its_place_alone(
    number: str, body: list[Child], location: str
) -> None:
    refused = failure(a_document_of_the_system(number, *body))
    assert (refused.cause, refused.location) == ("text.not_allowed", location)


def test_an_application_id_that_is_none_of_the_hub_is_refused() -> None:
    status: Child = ("status", code("status", "01"))
    refused = failure(a_document_of_the_system("130104", status, application_id="secret id"))
    assert refused.location == "OZG.Statusmeldung.130104/antragsidentifikation"


def test_a_value_that_only_the_model_refuses_is_named_by_its_field() -> None:
    place = [(".hausnummer", "secret!"), *PLACE[1:]]
    information: list[Child] = [
        ("datum", "2026-12-01"),
        ("uhrzeitAb", "10:00:00"),
        ("ort", place),
    ]
    refused = failure(
        a_document_of_the_system("130105", ("strukturierteTermininformationen", information))
    )
    assert (refused.cause, refused.location) == ("value.not_allowed", "house_number")


def test_a_time_that_no_clock_shows_is_refused() -> None:
    information: list[Child] = [("datum", "2026-12-01"), ("uhrzeitAb", "24:00:00"), ("ort", PLACE)]
    refused = failure(
        a_document_of_the_system("130105", ("strukturierteTermininformationen", information))
    )
    assert refused.location == (
        "OZG.Terminmitteilung.130105/strukturierteTermininformationen/uhrzeitAb"
    )


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+01:00", "2026-11-02T24:00:00"])
def test_a_point_in_time_that_no_clock_shows_is_refused(created: str) -> None:
    status: Child = ("status", code("status", "01"))
    refused = failure(a_document_of_the_system("130104", status, created=created))
    assert refused.location is not None
    assert refused.location.endswith("/erstellungszeitpunkt")


def test_a_header_that_names_another_message_is_refused() -> None:
    document = a_document_of_the_system("130104", ("status", code("status", "01")))
    kind = document.find(".//nachrichtentyp/code")
    assert kind is not None
    kind.text = "130102"
    assert failure(document).cause == "message.type_mismatch"


def test_a_message_to_the_authority_is_not_expected_from_it() -> None:
    message = a_submission()
    sent = FORMAT.write(message, a_context(message)).messages[0].root
    assert failure(sent).cause == "message.unexpected"


def test_another_version_is_not_read_as_this_one() -> None:
    other = parse(b'<OZG.Statusmeldung.130104 xmlns="http://www.osci.de/xauslaender2605"/>')
    with pytest.raises(PermanentFailure, match=r"message\.unexpected"):
        FORMAT.read(other, CONTEXT)


def test_a_document_that_breaks_its_schema_fails_with_the_place_of_what_is_missing() -> None:
    document = a_document_of_the_system("130102")
    with pytest.raises(PermanentFailure) as raised:
        FORMAT.read(document, CONTEXT)
    assert raised.value.cause == "X001"
    assert raised.value.location == "OZG.RueckkanalFrage.130102/frage"


@pytest.mark.parametrize(
    ("refused", "cause"),
    [
        (b"secret", "X000"),
        (b'<!DOCTYPE a [<!ENTITY e "secret">]><a>&e;</a>', "xml.doctype"),
        (b"<a>" * 100 + b"</a>" * 100, "xml.too_deep"),
        (b"<a>secret</a>", "X001"),
        ("<a>secret ä</a>".encode("latin-1"), "S001"),
    ],
)
def test_a_refusal_around_something_else_than_a_message_is_refused_itself(
    refused: bytes, cause: str
) -> None:
    assert failure(a_refusal(refused, "X000")).cause == cause


def test_a_comment_inside_a_text_does_not_cut_it() -> None:
    whole = a_document_of_the_system("130102", ("frage", "Bitte Pass vorlegen."))
    data = serialise(whole).replace(b"Pass", b"<!-- x -->Pass")
    (question,) = FORMAT.read(parse(data), CONTEXT)
    assert isinstance(question, Question)
    assert question.text == "Bitte Pass vorlegen."
