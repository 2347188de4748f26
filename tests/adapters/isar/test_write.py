import fnmatch
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from lxml import etree
from pydantic import BaseModel

from adapters.isar import adapter, tables
from adapters.isar.elements import NAMESPACE, lexical
from adapters.isar.lost import LOST
from hub.adapter import Parcel
from hub.model.codes import ForeignCode, code_list
from hub.model.dates import PartialDate
from hub.model.downward import Downward, Submission
from hub.model.failure import PermanentFailure
from hub.model.person import Birth, Name, Person
from hub.xml import Element, Invalid
from tests.adapters.xauslaender.samples import SUBMISSIONS
from tests.builders import (
    a_context,
    a_document,
    a_party,
    a_person,
    a_reply,
    a_submission,
    a_withdrawal,
    an_id,
)

FORMAT = adapter.formats["2.1"]
I = {"i": NAMESPACE}  # noqa: E741 - the prefix in the paths below
TABLES = [each for each in vars(tables).values() if isinstance(each, tables.Table)]
NOT_CARRIED = {"trust", "height_cm", "eye_colour"}


def write(message: Downward, /, **context: object) -> Parcel:
    return FORMAT.write(message, a_context(message, **context))


def root_of(message: Downward, /, **context: object) -> Element:
    (only,) = write(message, **context).messages
    FORMAT.schemas.check(only.root)
    return only.root


def values(root: Element, path: str) -> list[str]:
    return [str(found) for found in root.xpath(path, namespaces=I)]


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_no_value_of_a_submission_is_lost_but_what_is_declared(name: str) -> None:
    message = SUBMISSIONS[name]
    assert isinstance(message, Submission)
    root = root_of(message)
    written = {text for element in root.iter() for text in (element.text, *element.values())}
    assert [value for value in leaves(message.details) if not written & spelt(value)] == []
    for document in message.documents:
        assert {document.sha256, document.file_name, str(document.id)} <= written
    assert {message.language, message.azr_number} <= written


def leaves(value: object) -> Iterator[str]:
    """Every text, number, day and code below `value`, as Isar spells it."""
    if isinstance(value, PartialDate | date | ForeignCode):
        yield lexical(value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            is_tag = name == "kind" and isinstance(getattr(value, name), str)
            if not is_tag and name not in NOT_CARRIED:
                yield from leaves(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool | UUID):
        yield str(value)


def spelt(value: str) -> set[str]:
    return {value, *(table.words[value] for table in TABLES if value in table.words)}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_what_is_lost_is_reported_and_declared(name: str) -> None:
    reported = {
        "submission." + re.sub(r"\[(\d+)\]", r".\1", change.field)
        for change in write(SUBMISSIONS[name]).changes
    }
    assert {"submission.leika", "submission.mailbox"} < reported
    for field in reported:
        assert any(fnmatch.fnmatch(field, pattern.removesuffix(".**")) for pattern in LOST)


def test_a_message_that_loses_nothing_reports_nothing() -> None:
    assert write(a_submission(back_channel=False, mailbox=None)).changes == ()
    assert write(a_withdrawal()).changes == ()


@pytest.mark.parametrize(
    ("table", "list_name"),
    [
        (tables.GENDERS, "gender"),
        (tables.MARITAL_STATUSES, "marital_status"),
        (tables.CHANNELS, "contact_channel"),
        (tables.RELATIONS, "family_relation"),
        (tables.APPLICATION_REASONS, "application_reason"),
        (tables.RESIDENCE_REASONS, "residence_reason"),
        (tables.NOTIFICATION_REASONS, "notification_reason"),
        (tables.SKILLED_WORKER_REASONS, "skilled_worker_reason"),
        (tables.STATUSES, "status"),
        (tables.ENDING_REASONS, "ending_reason"),
    ],
)
def test_every_code_has_one_word_and_every_word_one_code(
    table: tables.Table, list_name: str
) -> None:
    assert table.words.keys() == code_list(list_name).codes.keys()
    assert [table.code(table.word(code)) for code in table.words] == list(table.words)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_schema_knows_exactly_the_words_of_the_table(table: tables.Table) -> None:
    schema = etree.parse(FORMAT.schemas.entry.with_name("isar-values.xsd"))
    path = f"//xs:simpleType[@name='{table.name}']//xs:enumeration/@value"
    known = schema.xpath(path, namespaces={"xs": "http://www.w3.org/2001/XMLSchema"})
    assert set(known) == set(table.words.values())


def test_a_code_without_a_word_is_named_and_not_guessed() -> None:
    with pytest.raises(PermanentFailure, match=r"code\.unknown"):
        tables.STATUSES.word("04")


def test_the_document_says_who_writes_to_whom_under_which_uuid() -> None:
    created = datetime(2026, 11, 2, 8, 15, 7, 999, tzinfo=UTC)
    root = root_of(
        a_submission(sender=a_party(key="alp:000042")), message=an_id("sent"), created_at=created
    )
    assert values(root, "@id") == [str(an_id("sent"))]
    assert values(root, "@created") == ["2026-11-02T08:15:07.000Z"]
    assert values(root, "@application") == ["AT-2026-000001"]
    assert values(root, "i:Sender/@key") == ["alp:000042"]
    assert values(root, "i:Recipient/@key") == ["990001"]


def test_a_reply_names_the_question_and_a_withdrawal_nothing() -> None:
    assert values(root_of(a_reply(answers=an_id("q"))), "@inReplyTo") == [str(an_id("q"))]
    assert values(root_of(a_withdrawal()), "@inReplyTo") == []


@pytest.mark.parametrize(("given", "written"), [(True, "true"), (False, "false")])
def test_the_system_learns_whether_anything_may_come_back_and_whether_it_is_a_test(
    given: bool, written: str
) -> None:
    root = root_of(a_reply(test=given), back_channel=given)
    assert (root.get("backChannel"), root.get("test")) == (written, written)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (PartialDate(year=1990), "1990"),
        (PartialDate(year=1990, month=5), "1990-05"),
        (PartialDate(year=1990, month=5, day=7), "1990-05-07"),
        (PartialDate(), "unknown"),
    ],
)
def test_a_day_of_birth_is_written_as_far_as_it_is_known(day: PartialDate, written: str) -> None:
    root = of_person(a_person(birth=Birth(day=day)))
    assert values(root, "i:Applicant/@birthDate") == [written]


def test_an_absent_name_is_said_to_be_missing() -> None:
    root = of_person(a_person(first_name=Name(absent=True)))
    assert values(root, "i:Applicant/@firstNameMissing") == ["true"]
    assert values(root, "i:Applicant/@firstName") == []


def test_documents_travel_beside_the_xml_under_their_ids_and_hashes() -> None:
    pdf, jpeg = a_document("one"), a_document("two", media_type="image/jpeg")
    message = a_reply(documents_given=(pdf, jpeg))
    parcel = write(message)
    assert [each.name for each in parcel.attachments] == [f"{pdf.id}.pdf", f"{jpeg.id}.jpg"]
    assert [each.document for each in parcel.attachments] == [pdf, jpeg]
    assert [each.load() for each in parcel.attachments] == [pdf.content, jpeg.content]
    root = root_of(message)
    assert values(root, "i:Document/@sha256") == [pdf.sha256, jpeg.sha256]
    assert values(root, "i:Attached/@document") == [str(pdf.id), str(jpeg.id)]


def test_no_document_is_loaded_before_it_is_sent() -> None:
    def load(_: object) -> bytes:
        raise AssertionError("loaded")

    assert len(write(a_reply(documents=3), load=load).attachments) == 3


def test_a_reference_to_no_document_breaks_the_schema() -> None:
    root = root_of(a_reply())
    root.xpath("i:Attached", namespaces=I)[0].set("document", str(an_id("nothing")))
    with pytest.raises(Invalid):
        FORMAT.schemas.check(root)


def of_person(person: Person) -> Element:
    submission = a_submission(documents=0)
    details = submission.details.model_copy(update={"person": person})
    return root_of(submission.model_copy(update={"details": details}))
