"""Identifiers, codes, dates and names: the small values that everything else is made of."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from hub.model import codes, identifiers
from hub.model.dates import PartialDate
from hub.model.person import IdentityDocument, Name, ResidenceDocument, TrustLevel
from hub.model.problems import problems
from tests.model.builders import Json


def accepts(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (identifiers.AuthorityKey, ["001900"], ["1900", "0019000", "00190a", "٠٠١٩٠٠"]),
        (identifiers.DirectoryKey, ["azr:001900", "alp:000001"], ["001900", "azr:", "AZR:001900"]),
        (identifiers.Ars, ["081110000000"], ["08111", "0811100000000"]),
        (identifiers.ArsPrefix, ["08", "081", "08111", "081110000"], ["0", "0811", "0811100000"]),
        (identifiers.Ags, ["08111000"], ["081110000000"]),
        (identifiers.LeikaKey, ["99010001000000"], ["98010001000000", "9901000100000"]),
        (identifiers.AzrNumber, ["900131000000", "250000123456"], ["901331000000", "900132000000"]),
        (identifiers.ApplicationId, ["AT-2026/1.a_b", "7"], ["-1", "", "a" * 65, "a b", "Ä1"]),
        (identifiers.Sha256, ["0" * 64], ["0" * 63, "A" * 64]),
        (codes.Nationality, ["232", "997"], ["23", "DE", "٢٣٢"]),
        (codes.StatusCode, ["01", "07"], ["04", "08", "1"]),
        (codes.EndingReason, ["04"], ["05"]),
    ],
)
def test_an_identifier_has_its_shape(kind: Any, good: list[str], bad: list[str]) -> None:
    assert [value for value in good if not accepts(kind, value)] == []
    assert [value for value in [*bad, f"{good[0]}\n", 1] if accepts(kind, value)] == []


def test_an_unknown_code_names_the_list_and_not_the_code() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(codes.StatusCode).validate_python("Müller")
    (problem,) = problems(refused.value)
    assert problem == ("", "not a code of urn:xoev-de:xauslaender:codeliste:ozg.status, version 4")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "unknown"),
        ({"year": 1990}, "1990"),
        ({"year": 1990, "month": 2}, "1990-02"),
        ({"year": 1992, "month": 2, "day": 29}, "1992-02-29"),
    ],
)
def test_the_end_of_a_date_may_be_unknown(parts: Json, text: str) -> None:
    assert str(PartialDate(**parts)) == text
    assert PartialDate(**parts).known is bool(parts)


@pytest.mark.parametrize(
    "parts",
    [
        {"month": 2},
        {"year": 1990, "day": 1},
        {"year": 1990, "month": 13},
        {"year": 1990, "month": 2, "day": 29},
        {"year": 1849},
    ],
)
def test_the_beginning_of_a_date_may_not(parts: Json) -> None:
    with pytest.raises(ValidationError):
        PartialDate(**parts)


@pytest.mark.parametrize("fields", [{}, {"text": "Ada", "absent": True}, {"text": " "}])
def test_a_name_is_a_text_or_explicitly_absent(fields: Json) -> None:
    with pytest.raises(ValidationError):
        Name(**fields)
    assert Name(absent=True).text is None


def test_exactly_one_thing_proves_the_present_stay() -> None:
    assert ResidenceDocument(german_document_exists=True).pages == ()
    for fields in ({}, {"visa_free_entry": "2026", "german_document_exists": True}):
        with pytest.raises(ValidationError, match="exactly one"):
            ResidenceDocument(**fields)


def test_a_passport_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="valid_until"):
        IdentityDocument.model_validate(
            {
                "serial_number": "X",
                "valid_from": "2026-01-02",
                "valid_until": "2026-01-01",
                "pages": ["11111111-1111-4111-8111-111111111111"],
            }
        )


@pytest.mark.parametrize("fields", [{"birth_place": True}, {"birth_state": True}])
def test_trust_in_the_birth_is_given_as_a_whole(fields: Json) -> None:
    with pytest.raises(ValidationError, match="birth"):
        TrustLevel(first_name=True, family_name=True, **fields)
