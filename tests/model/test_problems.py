import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rich.pretty import pretty_repr

from hub.model.downward import downward
from hub.model.person import Name
from hub.model.problems import _TAGGED_FIELDS, _TAGS, problems
from tests.model.builders import Json, a_submission, submission_json

SECRET = "Özgür Müller"


def reported(message: Json | bytes) -> list[tuple[str, str]]:
    read = downward.validate_json if isinstance(message, bytes) else downward.validate_python
    with pytest.raises(ValidationError) as refused:
        read(message)
    return problems(refused.value)


def test_a_problem_names_the_field_as_its_sender_wrote_it() -> None:
    message = submission_json("family")
    message["details"]["person"] |= {
        "address": {"kind": "building", "street": SECRET, "house_number": "1", "postcode": SECRET},
        "nationalities": ["232", SECRET],
        "gender": SECRET,
    }
    assert reported(message) == [
        (
            "details.person.gender",
            "not a code of urn:xoev-de:xinneres:codeliste:geschlecht, version 1",
        ),
        ("details.person.nationalities[1]", "must match ^[0-9]{3}$"),
        ("details.person.address.postcode", "must match ^[0-9]{5}$"),
        ("details.person.address.town", "is missing"),
    ]


def test_a_misspelt_field_is_named_but_a_text_in_its_place_is_not() -> None:
    assert reported(submission_json(langauge="de") | {SECRET: 1}) == [
        ("langauge", "is not a field of this message"),
        ("(unprintable name)", "is not a field of this message"),
    ]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (b'{"type": "reply",', "is not JSON: EOF while parsing a value at line 1 column 17"),
        (b"[]", "must be an object"),
        (b"{}", "does not say which it is: 'type' is missing"),
        ({"type": SECRET}, "'type' must be one of 'submission', 'reply', 'withdrawal', "),
    ],
)
def test_a_message_of_no_known_kind_says_so(message: Json | bytes, sentence: str) -> None:
    ((path, said),) = reported(message)
    assert path == ""
    assert said.startswith(sentence)


junk = st.recursive(
    st.sampled_from([SECRET, 3.5, -1, None, True, b"\xff"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("kind"), inner),
)


@given(st.data())
def test_whatever_is_wrong_no_report_quotes_it(data: st.DataObject) -> None:
    message = submission_json("skilled_workers", application_id=SECRET)
    place = message
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(junk)
    assert SECRET not in str(reported(message))


def test_every_field_of_several_models_is_known() -> None:
    # A new union has to be named in problems.py, or its tags show up in field paths.
    fields, tags = set(), set()
    for model in downward.json_schema()["$defs"].values():
        for name, schema in model.get("properties", {}).items():
            for choice in [schema, *schema.get("anyOf", [])]:
                if "discriminator" in choice:
                    fields.add(name)
                    tags |= set(choice["discriminator"]["mapping"])
    assert fields == _TAGGED_FIELDS
    assert tags == _TAGS


def test_pydantics_own_report_does_not_quote_what_was_sent() -> None:
    with pytest.raises(ValidationError) as refused:
        downward.validate_python(submission_json(application_id=SECRET))
    assert SECRET not in str(refused.value)


def test_a_record_shows_its_type_and_id_only() -> None:
    submission = a_submission()
    for shown in (repr(submission), str(submission), f"{submission}", pretty_repr(submission)):
        assert "Ọlá" not in shown
        assert str(submission.id) in shown
        assert "@" not in shown
    assert repr(Name(text=SECRET)) == "Name()"


def test_a_record_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_submission().test = True  # type: ignore[misc]  # that is the point
