"""The simulated Isar is as strict as a real one may be, and patient with calls that come again."""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from adapters.isar import adapter
from hub.adapter import Attachment, ReadContext
from hub.model.upward import Upward
from hub.sandbox.book import Book
from hub.sandbox.isar.envelope import Answered
from hub.sandbox.isar.reception import Reception
from hub.sandbox.isar.system import build
from hub.sandbox.samples import Destination, Sample, samples
from hub.transport.posting.poster import Request
from hub.transport.soap.calls import (
    SERVICE,
    add_document,
    complete_case,
    list_updates,
    submit_case,
)
from hub.workshop.packed import Packed
from hub.xml import parse
from tests.builders import an_authority
from tests.packing import packed
from tests.sandbox.serving import serving
from tests.sandbox.wires import context_of

FORMAT = adapter.formats["2.1"]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path / "book.db")
    yield book
    book.close()


@pytest.fixture
def reception(book: Book) -> Reception:
    return Reception(book)


@pytest.fixture(scope="module")
def production(offers: Sequence[Destination]) -> list[Sample]:
    return [each for each in samples(offers) if not each.submission.test]


@pytest.fixture
def sample(production: list[Sample]) -> Sample:
    return production[0]


def parcel_of(sample: Sample) -> Packed:
    return packed(FORMAT.write(sample.submission, context_of(sample, sample.submission)))


def case_of(sample: Sample) -> str:
    return f"I-{sample.authority}-{sample.case}"


def requests(sample: Sample, parcel: Packed) -> list[Request]:
    (message,), number = parcel.messages, case_of(sample)
    return [
        submit_case(message).make(),
        *(add_document(message.uuid, number, each).make() for each in parcel.attachments),
        complete_case(message.uuid, number, len(parcel.attachments)).make(),
    ]


def take(reception: Reception, sample: Sample, request: Request) -> Answered:
    return reception.take(sample.authority, request.content_type, request.body)


def updates_of(reception: Reception, sample: Sample, after: int = 0) -> list[tuple[int, Upward]]:
    answer = take(reception, sample, list_updates(after, 100))
    found = parse(answer.body).iterfind(f".//{{{SERVICE}}}Update")
    return [(int(each.get("number", "")), _read(each.text or "")) for each in found]


def _read(text: str) -> Upward:
    document = parse(base64.b64decode(text))
    FORMAT.schemas.check(document)
    return FORMAT.read(document, ReadContext(an_authority()))[0]


def code_of(answer: Answered) -> str:
    problem = parse(answer.body).find(f".//{{{SERVICE}}}Problem")
    assert problem is not None
    return problem.get("code", "")


def test_every_sample_is_taken_and_its_updates_are_what_the_sample_expects(
    production: list[Sample], reception: Reception
) -> None:
    listed = dict.fromkeys((each.authority for each in production), 0)
    for sample in production:
        parcel = parcel_of(sample)
        for request in requests(sample, parcel):
            assert take(reception, sample, request).status == 200, sample.story
        after = listed[sample.authority]
        updates = updates_of(reception, sample, after)
        kinds = tuple(update.type for _, update in updates)
        assert kinds == sample.course.letters[: len(kinds)], sample.story
        assert bool(kinds) is bool(sample.course.letters)
        assert {update.answers for _, update in updates} <= {parcel.messages[0].uuid}
        listed[sample.authority] = max([after, *(number for number, _ in updates)])


def test_what_comes_again_is_answered_again_and_counts_once(
    reception: Reception, book: Book, sample: Sample
) -> None:
    calls = requests(sample, parcel_of(sample))
    for request in calls:
        assert take(reception, sample, request) == take(reception, sample, request)
    [entry] = book.as_json()["messages"]
    assert (entry["times"], entry["other_contents"]) == (2, 0)
    assert entry["documents"] == len(calls) - 2
    again = take(reception, sample, calls[0])
    assert (again.status, code_of(again)) == (400, "S100")


def test_nothing_goes_up_before_the_case_is_complete_and_nothing_is_overtaken(
    reception: Reception, production: list[Sample], sample: Sample
) -> None:
    later = next(
        each
        for each in production
        if each.authority == sample.authority and each.case != sample.case and each.course.letters
    )
    first, second = (requests(each, parcel_of(each)) for each in (sample, later))
    for request in (*first[:-1], *second):
        take(reception, sample, request)
    early = updates_of(reception, sample)
    assert {update.application_id for _, update in early} == {later.submission.application_id}
    take(reception, sample, first[-1])
    after = early[-1][0]
    late = updates_of(reception, sample, after)
    assert {update.application_id for _, update in late} == {sample.submission.application_id}


def test_what_the_hub_asks_after_is_fetched(
    reception: Reception, book: Book, sample: Sample
) -> None:
    for request in requests(sample, parcel_of(sample)):
        take(reception, sample, request)
    (number, _), *_rest = updates_of(reception, sample)
    assert [each["sent_at"] for each in book.as_json()["updates"]] == [None] * 3
    updates_of(reception, sample, number)
    assert [each["sent_at"] is None for each in book.as_json()["updates"]] == [False, True, True]
    assert number not in [each for each, _ in updates_of(reception, sample)]


def test_a_case_without_one_of_its_documents_is_not_complete(
    reception: Reception, sample: Sample
) -> None:
    *calls, completion = requests(sample, parcel_of(sample))
    for request in calls[:-1]:
        take(reception, sample, request)
    assert code_of(take(reception, sample, completion)) == "S999"


Change = Callable[[Attachment], Attachment]


@pytest.mark.parametrize(
    "change",
    [
        lambda each: replace(each, load=lambda: b"%PDF-another"),
        lambda each: replace(each, name="other.pdf"),
    ],
)
def test_a_document_that_the_case_does_not_list_is_refused(
    reception: Reception, sample: Sample, change: Change
) -> None:
    parcel = parcel_of(sample)
    changed = replace(parcel, attachments=(change(parcel.attachments[0]),))
    submit, add, _ = requests(sample, changed)
    take(reception, sample, submit)
    assert code_of(take(reception, sample, add)) == "S999"


def test_a_message_that_is_not_valid_or_for_another_authority_is_refused(
    reception: Reception, sample: Sample
) -> None:
    (message,) = parcel_of(sample).messages
    request = submit_case(message).make()
    wrong = reception.take("990099", request.content_type, request.body)
    assert (wrong.status, code_of(wrong)) == (400, "T080")
    without = re.sub(rb' service="[^"]*"', b"", message.data, count=1)
    invalid = take(reception, sample, submit_case(replace(message, data=without)).make())
    assert (invalid.status, code_of(invalid)) == (400, "X001")


def test_a_production_system_takes_no_tests(
    reception: Reception, offers: Sequence[Destination]
) -> None:
    sample = next(each for each in samples(offers) if each.submission.test)
    (message,) = parcel_of(sample).messages
    assert code_of(take(reception, sample, submit_case(message).make())) == "S999"


def test_a_call_id_belongs_to_one_call(reception: Reception, sample: Sample) -> None:
    (message,) = parcel_of(sample).messages
    other = replace(message, uuid=sample.submission.id)
    request = submit_case(other).make()
    stolen = replace(request, body=request.body.replace(b" SubmitCase<", b" CompleteCase<"))
    assert code_of(take(reception, sample, stolen)) == "S999"


@pytest.mark.parametrize(
    "body",
    [
        b"<not-soap/>",
        b"<!DOCTYPE x><x/>",
        b"%PDF",
        f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
        f'<s:Unknown xmlns:s="{SERVICE}"/></e:Body></e:Envelope>'.encode(),
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<s:ListUpdates xmlns:s="{SERVICE}" after="0" max="1"/></e:Body></e:Envelope>'.encode(),
    ],
)
def test_what_is_no_call_is_a_fault_of_the_sender(reception: Reception, body: bytes) -> None:
    answer = reception.take("990031", "application/soap+xml", body)
    assert answer.status == 400
    assert parse(answer.body).findtext(".//{*}Value") == "env:Sender"


def test_the_action_must_be_that_of_the_body(reception: Reception, sample: Sample) -> None:
    request = replace(list_updates(0, 1), content_type="application/soap+xml; charset=utf-8")
    assert take(reception, sample, request).status == 400


async def test_a_stranger_is_refused(tmp_path: Path) -> None:
    async with serving(build(tmp_path, token="muster")) as url, aiohttp.ClientSession() as session:
        async with session.post(f"{url}/isar/990031", data=b"") as response:
            assert response.status == 401
        async with session.get(f"{url}/book") as response:
            assert await response.json() == {"messages": [], "updates": []}
