"""The judge of a campaign can say no: good books pass, and each way of being wrong is seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest

from hub.adapter import adapters
from hub.model.identifiers import MessageUuid
from hub.routing import RoutingTable
from hub.sandbox.books import Books, Confirmed, ReadLetter, Received, SentUpdate, SystemBook
from hub.sandbox.destinations import destinations
from hub.sandbox.faults.judging import judge, repeats
from hub.sandbox.samples import Sample, samples
from hub.sandbox.script import answers, message_number

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NUMBERS = {
    "reply": "130103",
    "withdrawal": "130111",
    "agreement_reply": "130404",
    "receipt_confirmation": "130406",
}
ROUTING = Path(__file__).parents[2] / "routing.yaml"


@pytest.fixture(scope="module")
def sample() -> Sample:
    """One whose applicant answers a question."""
    table = RoutingTable.load(ROUTING, adapters())
    made = samples(destinations(table, date(2026, 11, 2)), 5)
    return next(each for each in made if each.course.messages)


@pytest.fixture
def books(sample: Sample) -> Books:
    """What all have written down when everything went well."""
    kinds = ("submission", *sample.course.messages)
    ids = [sample.submission.id, *(MessageUuid(uuid5(sample.case, k)) for k in kinds[1:])]
    numbers = [message_number(sample.submission.service), *(NUMBERS[k] for k in kinds[1:])]
    token = sample.submission.application_id
    updates = [
        SentUpdate(
            uuid=uuid4(),
            application_id=token,
            kind=answer.kind,
            status=answer.status,
            sent_at=NOW,
            refused_with=None,
        )
        for number in numbers
        for answer in answers(number, token)
    ]
    return Books(
        confirmed=[
            Confirmed(id_, sample.case, kind, NOW + timedelta(seconds=at))
            for at, (id_, kind) in enumerate(zip(ids, kinds, strict=True))
        ],
        system=SystemBook(
            messages=tuple(a_received(sample, *each) for each in zip(ids, numbers, strict=True)),
            updates=tuple(updates),
        ),
        hub={},
        letters={sample.case: [a_letter(sample, update) for update in updates]},
        dead=(),
        balanced=True,
        differences=(),
    )


def a_received(sample: Sample, uuid: UUID, number: str) -> Received:
    return Received(
        uuid=uuid,
        number=number,
        system="nord",
        authority=sample.authority,
        application_id=sample.submission.application_id,
        documents=1,
        times=1,
        other_contents=0,
        complete_at=NOW,
    )


def a_letter(sample: Sample, update: SentUpdate) -> ReadLetter:
    return ReadLetter(
        account="muster@example.org",
        kind=update.kind,
        about=MessageUuid(update.uuid),
        language=sample.submission.language,
        documents=0,
    )


def with_messages(books: Books, messages: Sequence[Received]) -> Books:
    return replace(books, system=books.system.model_copy(update={"messages": tuple(messages)}))


def with_letters(books: Books, sample: Sample, letters: Sequence[ReadLetter]) -> Books:
    return replace(books, letters={sample.case: letters})


def found(sample: Sample, books: Books) -> list[str]:
    return [problem.what for problem in judge([sample], books)]


def test_good_books_pass(sample: Sample, books: Books) -> None:
    assert judge([sample], books) == ()


def test_a_message_that_never_came_is_lost(sample: Sample, books: Books) -> None:
    problems = judge([sample], with_messages(books, books.system.messages[:-1]))

    assert [problem.what for problem in problems] == ["lost"]
    assert problems[0].application == sample.submission.application_id
    assert problems[0].at == books.confirmed[-1].at
    assert "never came to the system; sent: submission, " in problems[0].sentence


def test_a_message_whose_documents_never_came_is_lost(sample: Sample, books: Books) -> None:
    first, *others = books.system.messages
    incomplete = first.model_copy(update={"complete_at": None})
    assert found(sample, with_messages(books, [incomplete, *others])) == ["lost"]


def test_a_message_under_two_uuids_is_doubled(sample: Sample, books: Books) -> None:
    first, *others = books.system.messages
    twin = first.model_copy(update={"uuid": uuid4()})
    assert found(sample, with_messages(books, [first, twin, *others])) == ["doubled"]


def test_a_message_that_came_again_with_another_content_is_doubled(
    sample: Sample, books: Books
) -> None:
    first, *others = books.system.messages
    other = first.model_copy(update={"times": 2, "other_contents": 1})
    assert found(sample, with_messages(books, [other, *others])) == ["doubled"]


def test_a_message_that_came_again_as_it_was_is_a_repeat_and_no_problem(
    sample: Sample, books: Books
) -> None:
    first, *others = books.system.messages
    again = with_messages(books, [first.model_copy(update={"times": 3}), *others])
    assert judge([sample], again) == ()
    assert repeats(again.system.messages) == 2


def test_messages_that_changed_places_are_out_of_order(sample: Sample, books: Books) -> None:
    swapped = with_messages(books, books.system.messages[::-1])
    assert found(sample, swapped) == ["out of order"]


def test_an_update_without_its_letter_is_lost(sample: Sample, books: Books) -> None:
    letters = books.letters[sample.case]
    assert found(sample, with_letters(books, sample, letters[1:])) == ["lost"]


def test_a_letter_twice_is_doubled(sample: Sample, books: Books) -> None:
    letters = books.letters[sample.case]
    assert found(sample, with_letters(books, sample, [*letters, letters[0]])) == ["doubled"]


def test_letters_that_changed_places_are_out_of_order(sample: Sample, books: Books) -> None:
    letters = books.letters[sample.case]
    assert found(sample, with_letters(books, sample, letters[::-1])) == ["out of order"]


def test_a_case_that_was_never_run_to_the_end_is_lost(sample: Sample, books: Books) -> None:
    updates = books.system.model_copy(update={"updates": books.system.updates[:-1]})
    letters = books.letters[sample.case][:-1]
    short = replace(with_letters(books, sample, letters), system=updates)
    assert found(sample, short) == ["lost"]


def test_the_hubs_own_books_can_only_add_problems(sample: Sample, books: Books) -> None:
    wrong = replace(books, dead=("deliver: T080: …",), balanced=False)
    assert found(sample, wrong) == ["wrong", "wrong"]


def test_what_the_broker_gave_up_is_one_dead_letter_each(sample: Sample, books: Books) -> None:
    one = replace(books, dead=("bury: broker.gave_up: …",))
    assert judge([sample], one, given_up=1) == ()
    assert [problem.what for problem in judge([sample], one, given_up=2)] == ["lost"]
    assert [problem.what for problem in judge([sample], one)] == ["doubled"]
