from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4, uuid5

import pytest

from hub.model.identifiers import MessageUuid
from hub.sandbox.books import (
    Books,
    Confirmed,
    HubMessage,
    ReadLetter,
    Received,
    SentUpdate,
    SystemBook,
)
from hub.sandbox.samples import Destination, Sample, samples
from hub.sandbox.script import Answer, answers, message_number
from hub.sandbox.verdict import judge

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NUMBERS = {
    "reply": "130103",
    "withdrawal": "130111",
    "agreement_reply": "130404",
    "receipt_confirmation": "130406",
}


@pytest.fixture(scope="module")
def two(offers: Sequence[Destination]) -> list[Sample]:
    """One whose applicant answers a question, and one who only gets letters."""
    made = samples(offers, 12)
    return [made[4], made[0]]


def books_after(played: Sequence[Sample]) -> Books:
    """What all parties have written down when everything went well."""
    confirmed, received, hub = [], [], {}
    for sample in played:
        kinds = ("submission", *sample.course.messages)
        further = (MessageUuid(uuid5(sample.case, kind)) for kind in kinds[1:])
        ids = [sample.submission.id, *further]
        confirmed += [
            Confirmed(id_, sample.case, kind, NOW) for id_, kind in zip(ids, kinds, strict=True)
        ]
        numbers = [message_number(sample.submission.service), *(NUMBERS[k] for k in kinds[1:])]
        received += [a_received(sample, *each) for each in zip(ids, numbers, strict=True)]
        down = [
            HubMessage(id_, id_, "down", kind, "accepted", NOW, NOW, NOW, None)
            for id_, kind in zip(ids, kinds, strict=True)
        ]
        up = [
            HubMessage(id_, id_, "up", kind, "provided", None, None, NOW, deadline_of(kind))
            for kind in sample.course.letters
            for id_ in (MessageUuid(uuid5(sample.case, f"letter {kind}")),)
        ]
        hub[sample.case] = [*down, *up]
    updates = [
        SentUpdate(
            uuid=uuid4(),
            application_id=sample.submission.application_id,
            kind=answer.kind,
            status=answer.status,
            sent_at=NOW,
            refused_with=None,
        )
        for sample in played
        for answer in answers_to(sample)
    ]
    return Books(
        confirmed=confirmed,
        system=SystemBook(messages=tuple(received), updates=tuple(updates)),
        hub=hub,
        letters={
            sample.case: [a_letter(sample, kind) for kind in sample.course.letters]
            for sample in played
        },
        dead=(),
        balanced=True,
        differences=(),
    )


def answers_to(sample: Sample) -> list[Answer]:
    """What the systems send in the whole case, by the script."""
    numbers = (
        message_number(sample.submission.service),
        *(NUMBERS[kind] for kind in sample.course.messages),
    )
    token = sample.submission.application_id
    return [answer for number in numbers for answer in answers(number, token)]


def deadline_of(kind: str) -> date | None:
    return NOW.date() if kind == "question" else None


def a_letter(sample: Sample, kind: str) -> ReadLetter:
    assert sample.submission.mailbox is not None
    return ReadLetter(
        account=sample.submission.mailbox.account,
        kind=kind,
        about=MessageUuid(uuid5(sample.case, f"letter {kind}")),
        language=sample.submission.language,
        documents=2,
    )


def a_received(sample: Sample, uuid: object, number: str) -> Received:
    return Received.model_validate(
        {
            "uuid": uuid,
            "number": number,
            "system": "nord",
            "authority": sample.authority,
            "application_id": sample.submission.application_id,
            "documents": 1,
            "times": 1,
            "other_contents": 0,
            "complete_at": NOW,
        }
    )


def test_all_is_well_when_all_books_agree(two: list[Sample]) -> None:
    verdict = judge(two, books_after(two))
    assert verdict.problems == ()
    assert verdict.good
    assert (verdict.accepted, verdict.replies, verdict.dead) == (2, 1, 0)
    assert verdict.letters == sum(len(sample.course.letters) for sample in two)


def without_confirmation(books: Books) -> Books:
    return replace(books, confirmed=books.confirmed[1:])


def lost_on_the_way(books: Books) -> Books:
    system = books.system.model_copy(update={"messages": books.system.messages[1:]})
    return replace(books, system=system)


def delivered_under_two_uuids(books: Books) -> Books:
    twin = books.system.messages[0].model_copy(update={"uuid": uuid4()})
    messages = (*books.system.messages, twin)
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def same_uuid_other_content(books: Books) -> Books:
    first = books.system.messages[0].model_copy(update={"other_contents": 1})
    messages = (first, *books.system.messages[1:])
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def packets_missing(books: Books) -> Books:
    first = books.system.messages[0].model_copy(update={"complete_at": None})
    messages = (first, *books.system.messages[1:])
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def accepted_too_early(books: Books) -> Books:
    later = NOW + timedelta(seconds=1)
    first = books.system.messages[0].model_copy(update={"complete_at": later})
    messages = (first, *books.system.messages[1:])
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def wrong_authority(books: Books) -> Books:
    first = books.system.messages[0].model_copy(update={"authority": "999999"})
    messages = (first, *books.system.messages[1:])
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def unknown_to_the_hub(books: Books) -> Books:
    case = next(iter(books.hub))
    return replace(books, hub={**books.hub, case: ()})


def still_owed(books: Books) -> Books:
    case, messages = next(iter(books.hub.items()))
    owed = replace(messages[0], state="owed")
    return replace(books, hub={**books.hub, case: [owed, *messages[1:]]})


def reply_not_accepted(books: Books) -> Books:
    case, (first, reply, *rest) = next(iter(books.hub.items()))
    return replace(books, hub={**books.hub, case: [first, replace(reply, state="dead"), *rest]})


def reply_not_sent(books: Books) -> Books:
    return replace(books, confirmed=[c for c in books.confirmed if c.kind != "reply"])


def letter_missing(books: Books) -> Books:
    case, letters = next(iter(books.letters.items()))
    return replace(books, letters={**books.letters, case: letters[:-1]})


def letters_out_of_order(books: Books) -> Books:
    case, letters = next(iter(books.letters.items()))
    return replace(books, letters={**books.letters, case: letters[::-1]})


def letter_twice(books: Books) -> Books:
    case, letters = next(iter(books.letters.items()))
    return replace(books, letters={**books.letters, case: [*letters, letters[-1]]})


def update_refused(books: Books) -> Books:
    first = books.system.updates[0].model_copy(update={"refused_with": 422, "sent_at": None})
    updates = (first, *books.system.updates[1:])
    return replace(books, system=books.system.model_copy(update={"updates": updates}))


def update_not_taken(books: Books) -> Books:
    first = books.system.updates[0].model_copy(update={"sent_at": None})
    updates = (first, *books.system.updates[1:])
    return replace(books, system=books.system.model_copy(update={"updates": updates}))


def dead_letter(books: Books) -> Books:
    return replace(books, dead=("intake: X001: Wrong.",))


def ledger_out_of_balance(books: Books) -> Books:
    return replace(books, balanced=False)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (without_confirmation, "the broker never confirmed it"),
        (lost_on_the_way, "the system never received it"),
        (delivered_under_two_uuids, "delivered under 2 message UUIDs"),
        (same_uuid_other_content, "came again with another content"),
        (packets_missing, "still waits for its documents"),
        (accepted_too_early, "accepted before the system had it"),
        (wrong_authority, "it reached authority 999999"),
        (unknown_to_the_hub, "the hub does not know it"),
        (still_owed, "in the hub it is owed, not accepted"),
        (reply_not_accepted, "the reply was not accepted"),
        (reply_not_sent, "answered with none, expected reply"),
        (letter_missing, "letters are"),
        (letters_out_of_order, "letters are"),
        (letter_twice, "letters are"),
        (update_refused, "the hub refused the status with status 422"),
        (update_not_taken, "the status was not taken by the hub"),
        (dead_letter, "1 dead letters at intake: X001"),
        (ledger_out_of_balance, "the ledger does not balance"),
    ],
)
def test_every_disagreement_between_the_books_is_a_problem(
    two: list[Sample], spoil: Callable[[Books], Books], sentence: str
) -> None:
    verdict = judge(two, spoil(books_after(two)))
    assert not verdict.good
    assert any(sentence in problem for problem in verdict.problems), verdict.problems


def test_a_submission_that_a_party_misses_is_not_counted_as_accepted(two: list[Sample]) -> None:
    assert judge(two, lost_on_the_way(books_after(two))).accepted == 1
    assert judge(two, still_owed(books_after(two))).accepted == 1
