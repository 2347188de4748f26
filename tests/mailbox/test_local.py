from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from hub.mailbox import MailboxProvider
from hub.mailbox.local import InMailbox, LocalMailbox
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter
from hub.store import Sealer, Store, journey, open_store
from tests.mailbox.contract import Arrived, MailboxContract, Outcome, arrived
from tests.mailbox.letters import CASE, a_letter
from tests.model.builders import an_update

OLD, NEW = Sealer.generate_text(), Sealer.generate_text()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path, OLD) as store:
        yield store


class LocalFarEnd:
    """The store itself: what can happen to it is tried with the store."""

    accounts = ("ola@example.org", "ada@example.org")
    knows = frozenset[Outcome]()

    def __init__(self, store: Store) -> None:
        self._store = store

    async def letters(self, account: str) -> list[Arrived]:
        found = await LocalMailbox(self._store).list_letters(account=account)
        return [arrived(self._store, letter) for letter in found]

    def hopeless(self, letter: Letter) -> Letter:
        damaged = letter.documents[0].model_copy(update={"content": b"%PDF-1.7 damaged"})
        return letter.model_copy(update={"documents": (damaged,)})

    async def next(self, outcome: Outcome) -> None:
        raise AssertionError(f"nothing can {outcome}")

    async def come_back(self) -> None:
        pass


@pytest.fixture
def far_end(store: Store) -> LocalFarEnd:
    return LocalFarEnd(store)


@pytest.fixture
def mailbox(store: Store) -> LocalMailbox:
    return LocalMailbox(store)


class TestLocalKeepsTheContract(MailboxContract):
    pass


def opened(folder: Path, keys: str):  # type: ignore[no-untyped-def]  # an async context
    return open_store(f"sqlite:///{folder}/hub.db", folder / "documents", Sealer.from_text(keys))


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def numbered(number: int, **fields: str) -> Letter:
    update = an_update("question", id=MessageUuid(uuid4()), text=f"Frage {number}")
    return a_letter(update, **fields)


async def test_a_letter_comes_back_as_it_was_written(store: Store) -> None:
    mailbox: MailboxProvider = LocalMailbox(store)
    before = datetime.now(UTC)
    letter = numbered(1)
    provided = await mailbox.deliver(letter)
    assert before <= provided.at <= datetime.now(UTC)
    assert await LocalMailbox(store).list_letters(case=CASE) == [letter]


async def test_delivering_again_changes_nothing_and_keeps_the_time_of_provision(
    store: Store,
) -> None:
    # OZG § 9: the time of provision is evidence.
    mailbox, letter = LocalMailbox(store), numbered(1)
    first = await mailbox.deliver(letter)
    again = await mailbox.deliver(letter.model_copy(update={"title": "another"}))
    assert again == first
    assert await mailbox.list_letters(case=CASE) == [letter]


async def test_letters_are_found_by_account_and_by_case_in_order(store: Store) -> None:
    mailbox = LocalMailbox(store)
    other = CaseId(uuid4())
    mine, later = numbered(1), numbered(2).model_copy(update={"case": other})
    theirs = numbered(3, account="ada@example.org")
    for letter in (mine, theirs, later):
        await mailbox.deliver(letter)
    assert await mailbox.list_letters(account="ola@example.org") == [mine, later]
    assert await mailbox.list_letters(case=CASE) == [mine, theirs]
    assert await mailbox.list_letters(case=CASE, account="ada@example.org") == [theirs]
    assert await mailbox.list_letters(account="nobody@example.org") == []


async def test_documents_lie_in_the_document_store_of_the_case(store: Store) -> None:
    mailbox = LocalMailbox(store)
    letter = a_letter(an_update("intended_refusal"))
    await mailbox.deliver(letter)
    (found,) = await mailbox.list_letters(case=CASE)
    (document,) = found.documents
    assert document.content is None
    assert document.file_name == "1 Mitteilung zur beabsichtigten Ablehnung.pdf"
    assert store.documents.load(CASE, document.sha256) == letter.documents[0].content


async def test_letters_are_still_found_after_the_content_key_was_changed(
    store: Store, tmp_path: Path
) -> None:
    old = numbered(1)
    await LocalMailbox(store).deliver(old)
    async with opened(tmp_path, f"{NEW},{OLD}") as rotated:
        mailbox, new = LocalMailbox(rotated), numbered(2)
        await mailbox.deliver(new)
        assert await mailbox.list_letters(account="ola@example.org") == [old, new]


async def test_neither_words_nor_account_lie_open_on_the_disk(store: Store, tmp_path: Path) -> None:
    await LocalMailbox(store).deliver(a_letter(an_update("intended_refusal")))
    kept = everything_in(tmp_path)
    assert b"SQLite" in kept
    for secret in (b"ola@example.org", b"Guten Tag", b"%PDF", b"Musterstadt"):
        assert secret not in kept


async def test_the_first_time_a_letter_was_opened_is_kept_and_in_the_journal(store: Store) -> None:
    mailbox, letter = LocalMailbox(store), numbered(1)
    provided = await mailbox.deliver(letter)
    assert await mailbox.of_case(CASE) == [InMailbox(letter, provided.at, None)]
    first = datetime(2026, 11, 26, 12, tzinfo=UTC)
    await mailbox.opened(letter, first)
    await mailbox.opened(letter, first + timedelta(days=1))
    assert await mailbox.of_case(CASE) == [InMailbox(letter, provided.at, first)]
    [event] = await store.read(lambda c: journey(c, CASE))
    assert (event.name, event.message, event.at) == ("read", letter.id, first)
