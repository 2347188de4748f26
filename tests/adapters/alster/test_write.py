import hashlib
from datetime import UTC, datetime

import pytest

from adapters.alster.sheet import FORMATS as DOCUMENT_FORMATS
from hub.adapter import Authority, Change
from hub.model.dates import PartialDate
from hub.model.downward import Submission
from hub.model.failure import PermanentFailure
from hub.model.person import Birth, Name, Person
from hub.xml import Element
from tests.adapters.alster.formats import VERSIONS, root_of, values, write
from tests.adapters.xauslaender.samples import SUBMISSIONS
from tests.adapters.xauslaender.test_write import leaves
from tests.builders import (
    a_document,
    a_party,
    a_person,
    a_reply,
    a_submission,
    a_withdrawal,
    an_id,
)

both = pytest.mark.parametrize("version", VERSIONS)


@both
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_no_value_of_a_submission_is_lost_but_those_said_to_be(version: str, name: str) -> None:
    message = SUBMISSIONS[name]
    assert isinstance(message, Submission)
    root = root_of(version, message)
    written = {text for element in root.iter() for text in (element.text, *element.values())}
    plain = (value.replace("ŁM̂ß", "LMß") for value in leaves(message.details))
    lost = [value for value in plain if value not in written | german(written)]
    assert lost == []


def german(written: set[str | None]) -> set[str]:
    """Dates of version 3 as ISO has them."""
    parts = [text.split(".") for text in written if text and text.count(".") == 2]
    return {
        "-".join(part for part in reversed(each) if int(part))
        for each in parts
        if all(part.isdecimal() for part in each)
    }


@both
def test_documents_travel_beside_the_xml_and_are_named_in_it_with_size_and_hash(
    version: str,
) -> None:
    message = SUBMISSIONS["skilled_workers"]
    parcel = write(version, message)
    root = root_of(version, message)
    given = {document.id: document for document in message.documents}
    assert {each.document.id for each in parcel.attachments} == set(given)
    assert [each.name for each in parcel.attachments] == values(version, root, "Anlage/Datei")
    assert [each.document.sha256 for each in parcel.attachments] == values(
        version, root, "Anlage/Pruefsumme"
    )
    for attachment in parcel.attachments:
        assert attachment.name.endswith(DOCUMENT_FORMATS[attachment.document.media_type].lower())
        assert hashlib.sha256(attachment.load()).hexdigest() == attachment.document.sha256


def test_version_4_renames_asks_for_the_procedure_and_writes_dates_another_way() -> None:
    message = a_submission(language="uk", leika="99000000000000")
    old, new = root_of("3", message), root_of("4", message)
    assert (old.tag, new.tag) == (
        "{urn:alster:austausch:3}Sendung",
        "{urn:alster:austausch:4}Nachricht",
    )
    assert values("3", old, "Antragsdatum") == ["02.11.2026"]
    assert values("4", new, "Antragsdatum") == ["2026-11-02"]
    assert values("3", old, "Erstellt") == ["02.11.2026 09:15:00"]
    assert values("4", new, "Erstellt") == ["2026-11-02T09:15:00+01:00"]
    assert values("3", old, "Verfahren/Sprache") == []
    assert values("4", new, "Verfahren/Sprache") == ["uk"]
    assert values("4", new, "Verfahren/Leistungsschluessel") == ["99000000000000"]


@both
def test_the_head_says_who_writes_to_whom_under_which_uuid(version: str) -> None:
    message = a_reply(answers=an_id("question"))
    parcel = write(version, message, message=an_id("sent as"), sender=a_party(key="alp:000042"))
    assert parcel.messages[0].uuid == an_id("sent as")
    assert parcel.messages[0].encoding == "ISO-8859-1"
    root = parcel.messages[0].root
    assert values(version, root, "Kopf/Sendungsnummer") == [str(an_id("sent as"))]
    assert values(version, root, "Kopf/Bezug") == [str(an_id("question"))]
    assert values(version, root, "Kopf/Behoerde") == ["Ausländerbehörde Musterstadt"]
    assert values(version, root, "Kopf/Aktenzeichen") == ["AT-2026-000001"]
    assert values(version, root_of(version, a_withdrawal()), "Kopf/Bezug") == []


@pytest.mark.parametrize(
    ("day", "old", "new"),
    [
        (PartialDate(year=1990), "00.00.1990", "1990"),
        (PartialDate(year=1990, month=5), "00.05.1990", "1990-05"),
        (PartialDate(year=1990, month=5, day=7), "07.05.1990", "1990-05-07"),
        (PartialDate(), "00.00.0000", "unbekannt"),
    ],
)
def test_a_day_of_birth_is_written_as_far_as_it_is_known(
    day: PartialDate, old: str, new: str
) -> None:
    person = a_person(birth=Birth(day=day))
    assert values("3", of_person("3", person), "Geburt/Tag") == [old]
    assert values("4", of_person("4", person), "Geburt/Tag") == [new]


@both
def test_an_absent_name_is_said_to_be_absent(version: str) -> None:
    root = of_person(version, a_person(first_name=Name(absent=True)))
    [first_name] = root.iterfind(".//{*}Vorname")
    assert first_name.text is None
    assert first_name.get("fehlt") == {"3": "J", "4": "true"}[version]


@both
def test_each_letter_and_each_length_that_had_to_give_way_is_reported(version: str) -> None:
    person = a_person(family_name=Name(text="Ł" + "ö" * 60), other_names=("Żółć", "Müller"))
    message = with_person(person)
    root = root_of(version, message)
    assert values(version, root, "Beteiligter/Nachname") == ["L" + "ö" * 59]
    assert values(version, root, "Beteiligter/WeitererName") == ["Zólc", "Müller"]
    assert [c for c in write(version, message).changes if c.field.startswith("details.")] == [
        Change("details.person.first_name.text", "transliterated to ISO-8859-1"),
        Change("details.person.family_name.text", "transliterated to ISO-8859-1"),
        Change("details.person.family_name.text", "cut to 60"),
        Change("details.person.other_names[0]", "transliterated to ISO-8859-1"),
    ]


@both
def test_a_name_from_the_routing_table_that_cannot_be_written_is_refused(version: str) -> None:
    with pytest.raises(PermanentFailure) as raised:
        write(version, a_withdrawal(), authority=Authority("990001", "Київ"))
    assert (raised.value.cause, raised.value.location) == (
        "text.not_expressible",
        "authority.name",
    )


def test_what_a_version_cannot_carry_is_reported() -> None:
    message = SUBMISSIONS["skilled_workers"]
    left = {v: {c.field for c in write(v, message).changes if "left out" in c.rule} for v in "34"}
    trust = {"details.worker.trust", "details.family[0].trust"}
    assert left == {"3": {"leika", "language", "mailbox"} | trust, "4": {"mailbox"}}
    quiet = a_submission(back_channel=False, mailbox=None, documents=0)
    assert [c for c in write("3", quiet).changes if "left out" in c.rule] == []


@both
def test_the_system_learns_whether_it_is_a_test_and_whether_anything_may_come_back(
    version: str,
) -> None:
    root = root_of(version, a_reply(), test=True, back_channel=False)
    yes, no = {"3": ("J", "N"), "4": ("true", "false")}[version]
    assert values(version, root, "Probelauf") == [yes]
    assert values(version, root, "Rueckkanal") == [no]


@both
def test_a_point_in_time_is_german_time_in_summer_too(version: str) -> None:
    root = root_of(version, a_withdrawal(), created_at=datetime(2026, 7, 1, 10, tzinfo=UTC))
    expected = {"3": "01.07.2026 12:00:00", "4": "2026-07-01T12:00:00+02:00"}
    assert values(version, root, "Erstellt") == [expected[version]]


@both
def test_a_file_name_stays_with_its_document(version: str) -> None:
    document = a_document(file_name="Pass Łukasz.pdf")
    root = root_of(version, a_reply(documents_given=(document,)))
    assert values(version, root, "Anlage/Name") == ["Pass Lukasz.pdf"]


def with_person(person: Person) -> Submission:
    submission = a_submission(documents=0)
    details = submission.details.model_copy(update={"person": person})
    return submission.model_copy(update={"details": details})


def of_person(version: str, person: Person) -> Element:
    return root_of(version, with_person(person))
