import base64
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from adapters.xauslaender import adapter
from adapters.xauslaender.elements import NAMESPACE
from hub.adapter import Change, Parcel
from hub.model.dates import PartialDate
from hub.model.details import AbsenceAbroad
from hub.model.downward import Downward, Submission
from hub.model.person import Birth, Name, Person
from hub.xml import Element, serialise
from tests.adapters.xauslaender.samples import SUBMISSIONS
from tests.adapters.xauslaender.schemas import check
from tests.builders import (
    a_context,
    a_document,
    a_party,
    a_person,
    a_reply,
    a_submission,
    a_withdrawal,
    an_agreement_reply,
    an_id,
)

FORMAT = adapter.formats["26.11"]
X = {"x": NAMESPACE}


def write(message: Downward, /, **context: object) -> Parcel:
    return FORMAT.write(message, a_context(message, **context))


def root_of(message: Downward, /, **context: object) -> Element:
    (only,) = write(message, **context).messages
    check(only.root)
    return only.root


def values(root: Element, path: str) -> list[str]:
    return [str(found) for found in root.xpath(f"{path}/text()", namespaces=X)]


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_no_value_of_a_submission_is_lost(name: str) -> None:
    message = SUBMISSIONS[name]
    assert isinstance(message, Submission)
    root = root_of(message)
    written = {text for element in root.iter() for text in (element.text, *element.values())}
    lost = [value for value in leaves(message.details) if value not in written]
    assert lost == []
    for document in message.documents:
        assert document.content is not None
        assert base64.b64encode(document.content).decode() in written


def leaves(value: object) -> Iterator[str]:
    """Every text, number, day and code below `value`, as XML has it."""
    if isinstance(value, PartialDate):
        yield str(value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in {"service", "kind"} or not isinstance(getattr(value, name), str):
                yield from leaves(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool | UUID):
        yield value.isoformat() if isinstance(value, date) else str(value)


def test_the_same_message_gives_the_same_bytes() -> None:
    message = SUBMISSIONS["skilled_workers"]
    first, second = (serialise(write(message).messages[0].root) for _ in range(2))
    assert first == second


def test_the_header_says_who_writes_to_whom_under_which_uuid() -> None:
    message = a_submission(sender=a_party(key="alp:000042"))
    parcel = write(message, message=an_id("sent as"))
    root = parcel.messages[0].root
    head = "nachrichtenkopf.g2g"
    assert parcel.messages[0].uuid == an_id("sent as")
    assert parcel.messages[0].name == "130101"
    identification = f"{head}/identifikation.nachricht"
    assert values(root, f"{identification}/nachrichtenUUID") == [str(an_id("sent as"))]
    assert values(root, f"{identification}/nachrichtentyp/code") == ["130101"]
    assert values(root, f"{identification}/erstellungszeitpunkt") == [
        "2026-11-02T09:15:00.000+01:00"
    ]
    assert values(root, f"{head}/leser/kennung") == ["azr:990001"]
    assert values(root, f"{head}/autor/kennung") == ["alp:000042"]
    assert values(root, f"{head}/autor/erreichbarkeit/kennung") == ["muster@example.org"]
    assert values(root, "anschrift.autor/gebaeude/wohnort") == ["Musterstadt"]
    assert values(root, "x:antragsidentifikation") == ["AT-2026-000001"]


def test_a_reply_names_the_question_that_it_answers() -> None:
    root = root_of(a_reply(answers=an_id("the question")))
    assert values(root, "x:ausloeserUUID") == [str(an_id("the question"))]
    assert values(root, "x:antworttext") == ["Den Arbeitsvertrag finden Sie anbei."]


def test_a_withdrawal_answers_nothing() -> None:
    assert values(root_of(a_withdrawal()), "x:ausloeserUUID") == []


@pytest.mark.parametrize(("back_channel", "written"), [(True, "true"), (False, "false")])
def test_the_system_learns_whether_anything_may_come_back(back_channel: bool, written: str) -> None:
    root = root_of(a_reply(), back_channel=back_channel)
    assert values(root, "x:rueckkanalVorhanden") == [written]


def test_only_a_test_is_marked_as_test() -> None:
    assert root_of(a_submission(test=True)).get("test") == "true"
    assert root_of(a_submission(test=False)).get("test") is None


@pytest.mark.parametrize(
    ("day", "path", "written"),
    [
        (PartialDate(year=1990), "teilbekanntesDatum/jahr", "1990"),
        (PartialDate(year=1990, month=5), "teilbekanntesDatum/jahrMonat", "1990-05"),
        (PartialDate(year=1990, month=5, day=7), "teilbekanntesDatum/jahrMonatTag", "1990-05-07"),
        (PartialDate(), "unbekannt", "true"),
    ],
)
def test_a_day_of_birth_is_written_as_far_as_it_is_known(
    day: PartialDate, path: str, written: str
) -> None:
    root = of_person(a_person(birth=Birth(day=day)))
    assert values(root, f"x:angabenZurPerson/x:geburt/x:tagDerGeburt/{path}") == [written]


def test_an_absence_abroad_needs_its_years_since_the_standard_has_no_unknown_for_them() -> None:
    with pytest.raises(ValidationError, match="need at least the year"):
        AbsenceAbroad(from_day=PartialDate(), until_day=PartialDate(year=2012), reason="Reise")


def test_an_absent_name_is_said_to_be_absent() -> None:
    root = of_person(a_person(first_name=Name(absent=True)))
    assert values(root, "x:angabenZurPerson/x:vorname/nichtVorhanden") == ["true"]
    assert values(root, "x:angabenZurPerson/x:vorname/name") == []


def test_four_nationalities_keep_their_order() -> None:
    root = of_person(a_person(nationalities=("129", "121", "125", "122")))
    path = "x:angabenZurPerson/x:staatsangehoerigkeit/x:staatsangehoerigkeit/code"
    assert values(root, path) == ["129", "121", "125", "122"]


def test_letters_of_several_code_points_arrive_byte_for_byte_in_nfc() -> None:
    decomposed = "K\u035fH M\u0302 L\u0325\u0304 Nguye\u0302\u0303n"
    root = of_person(a_person(family_name=Name(text=decomposed)))
    data = serialise(root)
    assert "<name>K\u035fH M\u0302 L\u0325\u0304 Nguy\u1ec5n</name>".encode() in data


def test_what_the_format_cannot_carry_is_reported() -> None:
    lost = a_submission(language="uk", leika="99000000000000", azr_number="900101000000")
    assert {change.field for change in write(lost).changes} == {
        "language",
        "leika",
        "azr_number",
        "mailbox",
    }
    assert write(a_submission(back_channel=False, mailbox=None)).changes == ()


def test_a_file_name_is_reported_where_the_format_has_no_place_for_it() -> None:
    document = a_document(file_name="vereinbarung.pdf")
    assert write(an_agreement_reply(documents=(document,))).changes == (
        Change("documents[0].file_name", "left out: OZG.Dokument has no element for a file name"),
    )
    root = root_of(a_reply(documents_given=(document,)))
    assert values(root, "x:unterlage/x:dateiname") == ["vereinbarung.pdf"]


def test_the_product_names_its_own_version() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    root = root_of(a_submission())
    assert (root.get("produkt"), root.get("produktversion")) == (
        project["name"],
        project["version"],
    )


def of_person(person: Person) -> Element:
    submission = a_submission(documents=0)
    return root_of(
        submission.model_copy(
            update={"details": submission.details.model_copy(update={"person": person})}
        )
    )
