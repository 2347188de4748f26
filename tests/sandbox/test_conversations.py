from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from hub.model.downward import Language
from hub.model.identifiers import CaseId
from hub.routing import RoutingTable
from hub.sandbox.books import Books, ReadLetter
from hub.sandbox.conversations import Conversation, conversation_of, held, unheld
from hub.sandbox.destinations import destinations
from hub.sandbox.samples import Destination, Sample, samples
from hub.sandbox.verdict import judge
from tests.adapters.every import EVERY
from tests.sandbox.test_verdict import books_after

ROUTING = Path(__file__).parents[2] / "routing.yaml"
LINES = {"alster 3", "alster 4", "isar 2.1", "spree 1", "xauslaender 26.11"}


@pytest.fixture(scope="module")
def full_set() -> list[Sample]:
    return samples(destinations(RoutingTable.load(ROUTING, EVERY), date(2026, 11, 26)))


@pytest.fixture(scope="module")
def first(offers: Sequence[Destination]) -> list[Sample]:
    """One whose applicant answers a question with a document."""
    return [samples(offers, 5)[4]]


def test_every_conversation_is_to_be_held_with_every_adapter_and_version(
    full_set: list[Sample],
) -> None:
    there = Counter((sample.line, conversation_of(sample)) for sample in full_set)
    wanted = {(line, conversation) for line in LINES for conversation in Conversation}
    assert wanted - there.keys() == set()
    assert unheld(full_set) == ()


def test_all_nine_languages_are_spoken(full_set: list[Sample]) -> None:
    spoken = {sample.submission.language for sample in full_set}
    assert spoken == set(get_args(Language))
    for line in LINES:
        assert len({s.submission.language for s in full_set if s.line == line}) >= 4


def test_the_first_five_reach_every_adapter_and_version(full_set: list[Sample]) -> None:
    assert {sample.line for sample in full_set[:5]} == LINES


def test_where_all_books_agree_every_conversation_is_complete(full_set: list[Sample]) -> None:
    verdict = judge(full_set, books_after(full_set))
    assert verdict.problems == ()
    assert verdict.conversations == len(LINES) * len(Conversation) == 35


def test_a_conversation_that_nobody_is_to_have_is_missed_in_the_full_set(
    full_set: list[Sample],
) -> None:
    silent = [
        replace(sample, course=replace(sample.course, letters=()))
        if (sample.line, conversation_of(sample)) == ("isar 2.1", Conversation.REFUSED)
        else sample
        for sample in full_set
    ]
    assert unheld(silent) == (("isar 2.1", Conversation.REFUSED),)
    verdict = judge(silent, books_after(silent))
    assert verdict.conversations == 34
    assert "with isar 2.1 nobody was to have the conversation: refusal intended" in verdict.problems


def with_letter(books: Books, kind: str, change: Callable[[ReadLetter], ReadLetter]) -> Books:
    letters: dict[CaseId, Sequence[ReadLetter]] = {
        case: [change(one) if one.kind == kind else one for one in there]
        for case, there in books.letters.items()
    }
    return replace(books, letters=letters)


def reply_without_document(books: Books) -> Books:
    messages = tuple(
        one.model_copy(update={"documents": 0}) if one.number == "130103" else one
        for one in books.system.messages
    )
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def reply_never_there(books: Books) -> Books:
    messages = tuple(one for one in books.system.messages if one.number != "130103")
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def application_never_there(books: Books) -> Books:
    messages = tuple(one for one in books.system.messages if one.number == "130103")
    return replace(books, system=books.system.model_copy(update={"messages": messages}))


def another_status(books: Books) -> Books:
    first, *rest = books.system.updates
    updates = (first.model_copy(update={"status": "05"}), *rest)
    return replace(books, system=books.system.model_copy(update={"updates": updates}))


def no_fee_notice(books: Books) -> Books:
    return with_letter(books, "appointment", lambda one: replace(one, documents=0))


def no_deadline(books: Books) -> Books:
    hub = {case: [replace(one, deadline=None) for one in row] for case, row in books.hub.items()}
    return replace(books, hub=hub)


def wrong_mailbox(books: Books) -> Books:
    return with_letter(books, "status", lambda one: replace(one, account="other@example.org"))


def wrong_language(books: Books) -> Books:
    return with_letter(books, "question", lambda one: replace(one, language="es"))


def letter_lost(books: Books) -> Books:
    letters = {case: there[:-1] for case, there in books.letters.items()}
    return replace(books, letters=letters)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (reply_without_document, "130103 reached the system with 0 documents"),
        (reply_never_there, "the system received nothing after the application"),
        (application_never_there, "the system never received the application"),
        (another_status, "the hub took status 05, question, status 02, appointment"),
        (no_fee_notice, "the letter appointment came with 0 documents"),
        (no_deadline, "the question names no deadline"),
        (wrong_mailbox, "the letter status lies in another mailbox"),
        (wrong_language, "the letter question is in es"),
        (letter_lost, "the mailbox holds status, question, status"),
    ],
)
def test_what_any_book_lacks_is_missing_of_the_conversation(
    first: list[Sample], spoil: Callable[[Books], Books], sentence: str
) -> None:
    whole, spoiled = (
        held(first, books) for books in (books_after(first), spoil(books_after(first)))
    )
    assert whole[0].complete
    assert whole[0].conversation is Conversation.ANSWERED
    assert any(missing.startswith(sentence) for missing in spoiled[0].missing), spoiled
    assert judge(first, spoil(books_after(first))).conversations == 0
