"""What every mailbox provider promises. A provider's own tests run these against its far end.

    class TestZbpKeepsTheContract(MailboxContract): ...

with two fixtures: `mailbox`, and `far_end` (see `FarEnd`).
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from hub.mailbox import MailboxProvider
from hub.model.downward import MailboxAddress
from hub.model.failure import EndpointDown, HubFailure, PermanentFailure, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Part
from hub.store import Store
from tests.mailbox.letters import a_letter
from tests.model.builders import an_update

Outcome = Literal["be busy", "vanish", "be away"]
"""`vanish`: the letter arrives and no answer leaves."""

SECRET = "Żółć-Müller"  # stands for what concerns the applicant only


@dataclass(frozen=True)
class Arrived:
    """A letter as it lies in the mailbox."""

    id: MessageUuid
    title: str
    body: str
    documents: tuple[bytes, ...]


def arrived(store: Store, letter: Letter) -> Arrived:
    """A letter of the hub's own mailbox, with its documents out of the store."""
    documents = tuple(store.documents.load(letter.case, each.sha256) for each in letter.documents)
    return Arrived(letter.id, letter.title, letter.body, documents)


class FarEnd(Protocol):
    """Where letters arrive, on this machine."""

    accounts: tuple[str, str]
    """Of two applicants."""

    @property
    def knows(self) -> frozenset[Outcome]:
        """What can happen with this kind of provider at all."""

    async def letters(self, account: str) -> list[Arrived]:
        """What lies in a mailbox, in the order of provision."""

    def hopeless(self, letter: Letter) -> Letter:
        """The letter, changed so that the provider can never take it."""

    async def next(self, outcome: Outcome) -> None:
        """What comes of the next letter; `be away` lasts."""

    async def come_back(self) -> None:
        """It can be reached again."""


def letter_to(account: str, number: int = 1) -> Letter:
    """A letter with documents and with words that nobody else may read."""
    update = an_update("recognition_decision", id=MessageUuid(uuid4()))
    letter = a_letter(update, account=account)
    mailbox = MailboxAddress(provider="local", account=account, trust_level=3)
    return letter.model_copy(
        update={
            "id": MessageUuid(uuid4()),
            "mailbox": mailbox,
            "title": f"{number} {SECRET}",
            "parts": (Part(language="de", text=f"{SECRET}\n\n{letter.body}"),),
        }
    )


class MailboxContract:
    """Inherit, and bring the fixtures `mailbox` and `far_end`."""

    async def test_a_letter_arrives_whole_and_with_its_documents(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        letter = letter_to(far_end.accounts[0])
        await mailbox.deliver(letter)
        documents = tuple(each.content for each in letter.documents)
        whole = Arrived(letter.id, letter.title, letter.body, documents)  # type: ignore[arg-type]
        assert await far_end.letters(far_end.accounts[0]) == [whole]

    async def test_the_time_of_provision_is_when_it_was_provided(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        before = datetime.now(UTC)
        provided = await mailbox.deliver(letter_to(far_end.accounts[0]))
        assert before <= provided.at <= datetime.now(UTC)
        assert provided.shortfall is None

    async def test_delivering_again_changes_nothing_and_gives_the_first_answer(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        letter = letter_to(far_end.accounts[0])
        first = await mailbox.deliver(letter)
        before = await far_end.letters(far_end.accounts[0])
        other = letter.model_copy(update={"parts": (Part(language="de", text="another"),)})
        assert await mailbox.deliver(other) == first
        assert await far_end.letters(far_end.accounts[0]) == before

    async def test_letters_lie_in_the_order_in_which_they_were_provided(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        letters = [letter_to(far_end.accounts[0], number) for number in range(5)]
        for letter in letters:
            await mailbox.deliver(letter)
        there = await far_end.letters(far_end.accounts[0])
        assert [each.id for each in there] == [each.id for each in letters]

    async def test_nobody_finds_the_letters_of_another(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        letters = [letter_to(account) for account in far_end.accounts]
        for letter in letters:
            await mailbox.deliver(letter)
        for account, letter in zip(far_end.accounts, letters, strict=True):
            assert [each.id for each in await far_end.letters(account)] == [letter.id]

    @pytest.mark.parametrize(
        ("outcome", "kind", "in_doubt"),
        [
            ("be busy", TransientFailure, False),
            ("vanish", TransientFailure, True),
            ("be away", EndpointDown, None),
        ],
    )
    async def test_what_failed_for_now_is_provided_later_and_once(
        self,
        mailbox: MailboxProvider,
        far_end: FarEnd,
        outcome: Outcome,
        kind: type[HubFailure],
        in_doubt: bool | None,
    ) -> None:
        self._needs(far_end, outcome)
        letter = letter_to(far_end.accounts[0])
        await far_end.next(outcome)
        with pytest.raises(kind) as raised:
            await mailbox.deliver(letter)
        assert getattr(raised.value, "in_doubt", None) is in_doubt
        await far_end.come_back()
        provided = await mailbox.deliver(letter)
        assert provided.shortfall is None
        assert [each.id for each in await far_end.letters(far_end.accounts[0])] == [letter.id]
        assert await mailbox.deliver(letter) == provided

    async def test_what_can_never_be_provided_fails_for_good(
        self, mailbox: MailboxProvider, far_end: FarEnd
    ) -> None:
        hopeless = far_end.hopeless(letter_to(far_end.accounts[0]))
        with pytest.raises(PermanentFailure) as raised:
            await mailbox.deliver(hopeless)
        assert raised.value.cause
        for account in far_end.accounts:
            assert await far_end.letters(account) == []

    @pytest.mark.parametrize("outcome", ["hopeless", "be busy", "vanish", "be away", None])
    async def test_nothing_that_concerns_the_applicant_is_raised_or_logged(
        self,
        mailbox: MailboxProvider,
        far_end: FarEnd,
        caplog: pytest.LogCaptureFixture,
        outcome: Outcome | Literal["hopeless"] | None,
    ) -> None:
        letter = letter_to(far_end.accounts[0])
        if outcome == "hopeless":
            letter = far_end.hopeless(letter)
        elif outcome is not None:
            self._needs(far_end, outcome)
            await far_end.next(outcome)
        said = ""
        with caplog.at_level(logging.INFO), capture_logs() as logged:
            try:
                said = str(await mailbox.deliver(letter))
            except HubFailure as failure:
                said = f"{failure!r} {failure.sentence} {failure.__cause__!r}"
        everything = f"{said} {caplog.text} {logged}"
        for private in (SECRET, letter.mailbox.account, letter.body, letter.title):
            assert private not in everything

    def _needs(self, far_end: FarEnd, outcome: Outcome) -> None:
        if outcome not in far_end.knows:
            pytest.skip(f"with this kind of provider nothing can {outcome}")
