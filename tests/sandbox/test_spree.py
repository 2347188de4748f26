"""How the simulated Spree decides, and what it then owes the hub, as the adapter reads it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.spree import adapter
from hub.adapter import Authority, ReadContext
from hub.model.upward import Receipt, Refusal, Upward
from hub.sandbox.book import Book
from hub.sandbox.samples import Destination, Sample, samples
from hub.sandbox.spree.reception import Reception
from hub.xml import parse, serialise
from tests.sandbox.wires import context_of

FORMAT = adapter.formats["1"]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book.db")


@pytest.fixture
def reception(book: Book) -> Reception:
    return Reception(book)


def on_the_wire(sample: Sample) -> bytes:
    parcel = FORMAT.write(sample.submission, context_of(sample, sample.submission))
    return serialise(parcel.messages[0].root)


def owed(book: Book) -> list[Upward]:
    """What the system sends, in order, each found valid and read."""
    found: list[Upward] = []
    while updates := book.next_updates(100):
        for update in updates:
            document = parse(update.body)
            FORMAT.schemas.check(document)
            context = ReadContext(Authority(update.authority, "Muster"))
            found += FORMAT.read(document, context)
            book.sent(update.uuid)
    return found


def test_every_sample_that_fits_is_taken_with_a_receipt_and_answered_as_the_script_says(
    offers: Sequence[Destination], book: Book, reception: Reception
) -> None:
    for sample in samples(offers):
        size = sum(document.size for document in sample.submission.documents)
        if sample.submission.test or size > 8 * 1024 * 1024:
            continue
        reception.take(sample.authority, on_the_wire(sample))
        receipt, *updates = owed(book)
        assert isinstance(receipt, Receipt)
        assert receipt.answers == sample.case
        expected = sample.course.letters[: len(updates)]
        assert tuple(each.type for each in updates) == expected
        assert bool(updates) is sample.submission.back_channel


@pytest.fixture
def sample(offers: Sequence[Destination]) -> Sample:
    return samples(offers, 1)[0]


def codes(refusal: Upward) -> list[str]:
    assert isinstance(refusal, Refusal)
    return [reason.code for reason in refusal.reasons]


def test_what_came_before_is_said_to_have_come_and_counted(
    sample: Sample, book: Book, reception: Reception
) -> None:
    body = on_the_wire(sample)
    reception.take(sample.authority, body)
    owed(book)
    reception.take(sample.authority, body)
    [refusal] = owed(book)
    assert (refusal.answers, codes(refusal)) == (sample.case, ["S100"])
    [message] = book.as_json()["messages"]
    assert (message["times"], message["other_contents"]) == (2, 0)


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        (b'verfahren="ERWERB"', b'verfahren="X"', "X001"),
        (b'art="ANTRAG"', b'art="ANTWORT"', "S999"),
        (b'art="ANTRAG"', b'art="ANTRAG" probe="J"', "S999"),
        (b'format="PDF"', b'format="JPG"', "S999"),
    ],
)
def test_what_is_wrong_is_refused_by_its_code_and_not_entered(
    sample: Sample, book: Book, reception: Reception, right: bytes, wrong: bytes, code: str
) -> None:
    body = on_the_wire(sample)
    assert right in body
    reception.take(sample.authority, body.replace(right, wrong))
    [refusal] = owed(book)
    assert (refusal.answers, codes(refusal)) == (sample.case, [code])
    assert book.as_json()["messages"] == []


def test_the_queue_of_another_authority_is_the_wrong_door(
    sample: Sample, book: Book, reception: Reception
) -> None:
    reception.take("990042", on_the_wire(sample))
    [refusal] = owed(book)
    assert codes(refusal) == ["T080"]


@pytest.mark.parametrize("body", [b"no XML", b"<Vorgang/>", b'<Vorgang kennung="x"/>'])
def test_nothing_can_be_said_of_what_has_no_name(
    book: Book, reception: Reception, body: bytes
) -> None:
    reception.take("990041", body)
    assert owed(book) == []
