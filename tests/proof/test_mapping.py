import pytest

from hub.adapter import Change
from hub.proof.coverage import covers, reported
from hub.proof.swaps import swapped


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("submission.leika", "submission.leika", True),
        ("submission.leika", "submission.language", False),
        ("submission.mailbox.**", "submission.mailbox.account", True),
        ("submission.details.trust.**", "submission.details.trust.contacts.*", True),
        ("submission.mailbox.**", "submission.mailbox", False),
        ("reply.documents.*.file_name", "reply.documents.*.file_name", True),
        ("*.documents.*.file_name", "reply.documents.*.file_name", True),
        ("reply.documents.*", "reply.documents.*.file_name", False),
    ],
)
def test_which_fields_a_declaration_means(pattern: str, name: str, meant: bool) -> None:
    assert covers(pattern, name) is meant


@pytest.mark.parametrize(
    "named",
    [
        "documents[1].file_name",
        "documents.1.file_name",
        "documents.*.file_name",
        "submission.documents[1].file_name",
        "documents[1]",
    ],
)
def test_a_reported_change_is_found_however_it_is_written(named: str) -> None:
    path = ("documents", 1, "file_name")
    assert reported([Change(named, "cut")], {"type": "submission"}, path) == "cut"


def test_a_change_of_something_else_is_none_of_this_field() -> None:
    changes = [Change("documents[0].file_name", "cut"), Change("remarks", "cut")]
    assert reported(changes, {"type": "submission"}, ("documents", 1, "file_name")) is None


def _standing(subject: str, first: str, family: str) -> dict[object, tuple[str, ...]]:
    return {
        (subject, ("details", "person", "first_name", "text")): (f"/x/person/{first}",),
        (subject, ("details", "person", "family_name", "text")): (f"/x/person/{family}",),
    }


def test_fields_that_took_each_others_place_in_one_message_are_found() -> None:
    places: dict[object, tuple[str, ...]] = {}
    for subject in ("employment", "family", "education"):
        places |= _standing(subject, "firstName", "familyName")
    places |= _standing("settlement", "familyName", "firstName")
    [fault] = swapped(places)  # type: ignore[arg-type]
    assert fault.subjects == ("settlement",)
    assert fault.field == "details.person.family_name.text"
    assert fault.element == "person/firstName"
    assert "other way round" in fault.sentence


def test_names_that_are_only_different_are_no_swap() -> None:
    places = _standing("employment", "firstName", "familyName")
    places |= _standing("sponsorship", "guestFirst", "guestFamily")
    assert list(swapped(places)) == []  # type: ignore[arg-type]
