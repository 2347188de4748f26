"""What a simulated system owes, as it lies in its book."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hub.sandbox.book import Book
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.xauslaender import Announced, Incoming


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with closing(Book(tmp_path / "book.db")) as book:
        yield book


def an_update(application: str, **values: object) -> Outgoing:
    update = Outgoing(uuid4(), application, "990001", "status", uuid4(), b"<status/>", "20")
    return replace(update, **values)


def test_an_update_comes_out_as_it_was_entered(book: Book) -> None:
    updates = [an_update("1"), an_update("2", kind="receipt", status=None)]
    for update in updates:
        book.owe(update)

    assert book.owed() == updates


def test_those_of_one_application_go_in_order(book: Book) -> None:
    first, second, other = an_update("1"), an_update("1"), an_update("2")
    for update in (first, second, other):
        book.owe(update)

    assert book.next_updates(10) == [first, other]
    book.sent(first.uuid)
    assert book.next_updates(10) == [second, other]


def test_what_is_entered_again_is_owed_once_and_keeps_its_place(book: Book) -> None:
    first, second = an_update("1"), an_update("1")
    for update in (first, second, replace(first, body=b"<other/>")):
        book.owe(update)

    assert book.owed() == [first, second]
    book.sent(first.uuid)
    book.owe(first)
    assert book.owed() == [second]


def test_what_is_held_goes_behind_those_that_could_go_before(book: Book) -> None:
    held, other = an_update("1"), an_update("2")
    message = Incoming(
        uuid=held.answers, number="130101", reader="990001", reader_name="", author="",
        author_name="", application_id="1", back_channel=True, test=False, documents=0,
        announced=Announced(packets=1, size=1, names=("a.pdf",)), packet=None, problem=None,
    )  # fmt: skip
    book.enter(message, b"", system="one", authority="990001", updates=[held])
    book.owe(other)
    assert book.owed() == [other]

    book.complete(message.uuid, documents=1)

    assert book.owed() == [other, held]
