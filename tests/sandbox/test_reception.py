from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hub.adapter import Authority, ReadContext
from hub.model.downward import Reply
from hub.sandbox.book import Book
from hub.sandbox.reception import Decision, Reception
from hub.sandbox.samples import Destination, Sample, samples
from hub.xml import parse
from tests.sandbox.wires import FORMAT, SCHEMAS, on_the_wire


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path / "book.db")
    yield book
    book.close()


@pytest.fixture
def reception(book: Book) -> Reception:
    return Reception(book, SCHEMAS, {"probe"})


@pytest.fixture(scope="module")
def full_set(offers: Sequence[Destination]) -> list[Sample]:
    return samples(offers)


def one(samples_: list[Sample], story: str) -> Sample:
    return next(sample for sample in samples_ if sample.story.startswith(story))


def take(reception: Reception, sample: Sample, body: bytes, system: str = "nord") -> Decision:
    return reception.take("probe" if sample.submission.test else system, sample.authority, body)


def code_of(decision: Decision) -> object:
    codes = decision.body["codes"]
    assert isinstance(codes, list)
    return codes[0]


def sent_kinds(book: Book) -> list[str]:
    return [update["kind"] for update in book.as_json()["updates"]]


def test_every_sample_is_taken_and_its_first_answers_are_what_the_sample_expects(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    for sample in full_set:
        for body in on_the_wire(sample):
            assert take(reception, sample, body).status == 200, sample.story
        planned = [
            update["kind"]
            for update in book.as_json()["updates"]
            if update["application_id"] == sample.submission.application_id
        ]
        first = len(planned) if sample.submission.back_channel else 0
        assert planned == list(sample.course.letters[:first]), sample.story
    assert all(message["complete_at"] for message in book.as_json()["messages"])


def test_every_update_it_writes_is_read_by_the_adapter(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    for sample in full_set:
        for body in on_the_wire(sample):
            take(reception, sample, body)
    read = 0
    while owed := book.next_updates(100):
        for update in owed:
            root = parse(update.body)
            FORMAT.schemas.check(root)
            context = ReadContext(Authority(update.authority, "Muster"))
            (message,) = FORMAT.read(root, context)
            assert (message.id, message.type) == (update.uuid, update.kind)
            assert message.answers == update.answers
            book.sent(update.uuid)
            read += 1
    assert read == len(sent_kinds(book)) > 40


def test_a_reply_brings_the_next_letters(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = one(full_set, "a private host")
    submission = sample.submission
    take(reception, sample, on_the_wire(sample)[0])
    reply = Reply(
        id=uuid4(), created_at=submission.created_at, case=submission.id, answers=uuid4(), text="Ja"
    )
    take(reception, sample, on_the_wire(sample, reply)[0])
    assert sent_kinds(book) == list(sample.course.letters)


def test_a_message_that_comes_again_is_refused_as_a_duplicate_and_counted(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = full_set[0]
    (body,) = on_the_wire(sample)
    take(reception, sample, body)
    again = take(reception, sample, body)
    other = take(reception, sample, body.replace(b"Musterstadt", b"Musterdorf"))
    assert (again.status, code_of(again)) == (409, "S100")
    assert (other.status, code_of(other)) == (409, "S100")
    (entry,) = book.as_json()["messages"]
    assert (entry["times"], entry["other_contents"]) == (3, 1)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"</xauslaender:antragsidentifikation>", b"", "X000"),
        (b"<?xml version='1.0' encoding='UTF-8'?>", b"<!DOCTYPE a>", "xml.doctype"),
        (b"xauslaender:antragsdatum>", b"xauslaender:antragstag>", "X001"),
        (b'version="26.11"', b'version="26.05"', "V000"),
        (b"azr:001800", b"azr:001900", "T080"),
        (b"<code>130101</code>", b"<code>130103</code>", "S999"),
        (b"JVBERi", b"QUFBQU", "S999"),
    ],
)
def test_what_is_wrong_is_refused_with_its_code_and_not_entered(
    full_set: list[Sample], reception: Reception, book: Book, old: bytes, new: bytes, code: str
) -> None:
    sample = next(s for s in full_set if s.authority == "001800")
    (body,) = on_the_wire(sample)
    assert old in body
    decision = take(reception, sample, body.replace(old, new))
    assert (decision.status, code_of(decision)) == (422, code)
    assert book.as_json()["messages"] == []


def test_a_test_never_reaches_a_production_system_nor_the_reverse(
    full_set: list[Sample], reception: Reception
) -> None:
    marked = one(full_set, "marked as a test")
    (body,) = on_the_wire(marked)
    assert code_of(reception.take("nord", marked.authority, body)) == "S999"
    real = full_set[0]
    (body,) = on_the_wire(real)
    assert code_of(reception.take("probe", real.authority, body)) == "S999"


def test_nothing_comes_back_without_back_channel(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = one(full_set, "without back-channel")
    take(reception, sample, on_the_wire(sample)[0])
    assert sent_kinds(book) == []


def test_updates_wait_until_all_packets_are_there(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = one(full_set, "documents of more than 50 MB")
    head, *packets = on_the_wire(sample)
    assert len(packets) >= 2
    for body in (head, *packets[:-1]):
        assert take(reception, sample, body).status == 200
    assert book.next_updates(10) == []
    assert take(reception, sample, packets[-1]).status == 200
    assert [update.kind for update in book.next_updates(10)] == ["status"]
    entry = next(m for m in book.as_json()["messages"] if m["number"] == "130101")
    assert entry["documents"] == len(sample.submission.documents)


def test_packets_that_do_not_make_the_announced_archive_are_refused(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = one(full_set, "documents of more than 50 MB")
    head, *packets = on_the_wire(sample)
    for body in (head, *packets[:-1]):
        take(reception, sample, body)
    shorter = packets[-1].replace(b"AAAA", b"", 1)
    assert shorter != packets[-1]
    decision = take(reception, sample, shorter)
    assert (decision.status, code_of(decision)) == (422, "S999")
    assert book.next_updates(10) == []


def test_a_packet_that_nobody_announced_is_refused(
    full_set: list[Sample], reception: Reception
) -> None:
    sample = one(full_set, "documents of more than 50 MB")
    _, packet, *_ = on_the_wire(sample)
    assert code_of(take(reception, sample, packet)) == "S999"


def test_updates_of_one_application_go_one_after_the_other(
    full_set: list[Sample], reception: Reception, book: Book
) -> None:
    sample = replace(full_set[0])
    take(reception, sample, on_the_wire(sample)[0])
    kinds = []
    while owed := book.next_updates(10):
        (update,) = owed
        kinds.append(update.kind)
        book.sent(update.uuid)
    assert kinds == list(sample.course.letters)
