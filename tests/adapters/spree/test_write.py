import base64
import fnmatch
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from lxml import etree
from pydantic import BaseModel

from adapters.spree import adapter, tables
from adapters.spree.documents import MOST_BYTES
from adapters.spree.elements import NAMESPACE, lexical
from adapters.spree.lost import LOST
from hub.adapter import Parcel
from hub.model.codes import code_list
from hub.model.dates import PartialDate
from hub.model.downward import Downward, Submission
from hub.model.failure import PermanentFailure
from hub.model.person import Birth, Name, Person
from hub.xml import Element, Invalid, serialise
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

FORMAT = adapter.formats["1"]
S = {"s": NAMESPACE}
TABLES = [each for each in vars(tables).values() if isinstance(each, tables.Table)]


def write(message: Downward, /, **context: object) -> Parcel:
    return FORMAT.write(message, a_context(message, **context))


def root_of(message: Downward, /, **context: object) -> Element:
    (only,) = write(message, **context).messages
    FORMAT.schemas.check(only.root)
    return only.root


def values(root: Element, path: str) -> list[str]:
    return [str(found) for found in root.xpath(path, namespaces=S)]


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_no_value_of_a_submission_is_lost(name: str) -> None:
    message = SUBMISSIONS[name]
    assert isinstance(message, Submission)
    root = root_of(message)
    written = {text for element in root.iter() for text in (element.text, *element.values())}
    lost = [value for value in leaves(message.details) if not written & spelt(value)]
    assert lost == []
    for document in message.documents:
        assert document.content is not None
        assert base64.b64encode(document.content).decode() in written
        assert document.file_name in written
    assert {message.language, message.azr_number} <= written


def leaves(value: object) -> Iterator[str]:
    """Every text, number, day and code below `value`, as Spree spells it."""
    if isinstance(value, PartialDate | date):
        yield lexical(value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name != "kind" or not isinstance(getattr(value, name), str):
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
    message = SUBMISSIONS[name]
    changes = write(message).changes
    reported = {"submission." + re.sub(r"\[(\d+)\]", r".\1", each.field) for each in changes}
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
    schema = etree.parse(FORMAT.schemas.entry.with_name("spree-werte.xsd"))
    path = f"//xs:simpleType[@name='{table.name}']//xs:enumeration/@value"
    known = schema.xpath(path, namespaces={"xs": "http://www.w3.org/2001/XMLSchema"})
    assert set(known) == set(table.words.values())


def test_a_code_without_a_word_is_named_and_not_guessed() -> None:
    with pytest.raises(PermanentFailure, match=r"code\.unknown"):
        tables.STATUSES.word("04")


def test_the_head_says_who_writes_to_whom_under_which_uuid() -> None:
    created = datetime(2026, 11, 2, 8, 15, 7, 999, tzinfo=UTC)
    root = root_of(
        a_submission(sender=a_party(key="alp:000042")), message=an_id("sent"), created_at=created
    )
    assert values(root, "@kennung") == [str(an_id("sent"))]
    assert values(root, "@erstellt") == ["02.11.2026 08:15:07 +0000"]
    assert values(root, "s:Kopf/s:Absender/@kennung") == ["alp:000042"]
    assert values(root, "s:Kopf/s:Empfaenger/@kennung") == ["990001"]
    assert values(root, "s:Kopf/s:Aktenzeichen/text()") == ["AT-2026-000001"]


def test_a_reply_names_the_question_and_a_withdrawal_nothing() -> None:
    assert values(root_of(a_reply(answers=an_id("q"))), "s:Kopf/s:Bezug/text()") == [
        str(an_id("q"))
    ]
    assert values(root_of(a_withdrawal()), "s:Kopf/s:Bezug") == []


@pytest.mark.parametrize(("back_channel", "written"), [(True, "J"), (False, "N")])
def test_the_system_learns_whether_anything_may_come_back(back_channel: bool, written: str) -> None:
    assert values(root_of(a_reply(), back_channel=back_channel), "s:Kopf/@rueckkanal") == [written]


def test_only_a_test_is_marked_as_test() -> None:
    assert root_of(a_submission(test=True)).get("probe") == "J"
    assert root_of(a_submission(test=False)).get("probe") is None


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (PartialDate(year=1990), "00.00.1990"),
        (PartialDate(year=1990, month=5), "00.05.1990"),
        (PartialDate(year=1990, month=5, day=7), "07.05.1990"),
        (PartialDate(), "00.00.0000"),
    ],
)
def test_a_day_of_birth_is_written_as_far_as_it_is_known(day: PartialDate, written: str) -> None:
    assert values(of_person(a_person(birth=Birth(day=day))), "//s:Geburt/@tag") == [written]


def test_an_absent_name_is_said_to_be_absent() -> None:
    root = of_person(a_person(first_name=Name(absent=True)))
    assert values(root, "//s:Person/s:Vorname/@fehlt") == ["J"]


def test_a_message_that_no_queue_takes_is_refused_before_anything_is_loaded() -> None:
    def load(_: object) -> bytes:
        raise AssertionError("loaded")

    document = a_document().model_copy(update={"size": MOST_BYTES * 3 // 4, "content": None})
    with pytest.raises(PermanentFailure, match=r"document\.too_large_for_format"):
        write(a_reply(documents_given=(document,)), load=load)


def test_what_is_not_refused_fits() -> None:
    large = a_document(size=MOST_BYTES * 3 // 4 - 4096, file_name="<ß>" * 40)
    assert len(serialise(root_of(a_reply(documents_given=(large,))))) <= MOST_BYTES


def test_a_reference_to_no_document_breaks_the_schema() -> None:
    root = root_of(a_reply())
    root.xpath("//s:Unterlage", namespaces=S)[0].set("anlage", "7")
    with pytest.raises(Invalid):
        FORMAT.schemas.check(root)


def of_person(person: Person) -> Element:
    submission = a_submission(documents=0)
    details = submission.details.model_copy(update={"person": person})
    return root_of(submission.model_copy(update={"details": details}))
