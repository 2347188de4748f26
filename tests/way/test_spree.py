"""The whole way through a system that lives in queues: handed over first, accepted later."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.sandbox.book import Book
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.sandbox.spree.system import running_spree
from hub.settings import Settings
from tests.builders import a_document, a_reply, a_submission, a_withdrawal
from tests.way.conftest import World, until
from tests.way.spree import AUTHORITIES, Spree, a_spree, a_user, a_world_with_spree


@pytest.fixture
async def user_url(rabbitmq: PrivateRabbitMQ, amqp_url: str) -> str:
    return await a_user(rabbitmq, amqp_url)


@pytest.fixture
async def world(settings: Settings, user_url: str) -> AsyncIterator[World]:
    async with a_world_with_spree(settings, user_url) as world:
        yield world


@pytest.fixture
async def spree(user_url: str) -> AsyncIterator[Spree]:
    async with a_spree(user_url) as spree:
        yield spree


async def test_a_submission_is_handed_over_and_accepted_only_with_its_receipt(
    world: World, spree: Spree
) -> None:
    submission = a_submission(authority="990041", documents=2)
    await world.send(submission)
    handed_over = await world.until_state(submission, "handed_over")
    assert handed_over.accepted_at is None
    [message] = await spree.wait_for(1)
    assert (message.uuid, message.documents) == (submission.id, 2)
    assert await world.names(submission.id) == ["received", "attempt", "handed_over"]

    await spree.receipt(message)
    accepted = await world.until_state(submission, "accepted")
    assert accepted.handed_over_at < accepted.accepted_at
    assert (await world.names(submission.id))[-2:] == ["interpreted", "accepted"]
    assert await world.letters(submission.id) == []
    assert (await world.ledger()).balanced


async def test_a_reply_waits_until_its_submission_was_accepted(world: World, spree: Spree) -> None:
    submission = a_submission(authority="990041")
    await world.send(submission)
    [first] = await spree.wait_for(1)
    await spree.update(Answer("question"), first)
    [letter] = await world.until_letters(submission.id, 1)
    assert letter.kind == "question"
    reply = a_reply(case=submission.id, answers=letter.about)
    await world.send(reply)
    waiting = await world.until_state(reply, "owed")
    assert waiting.waits_for == submission.id
    assert len(spree.received) == 1

    await spree.receipt(first)
    _, second = await spree.wait_for(2)
    assert (second.number, second.uuid) == ("130103", reply.id)
    await world.until_state(reply, "handed_over")
    await spree.receipt(second)
    await world.until_state(reply, "accepted")
    assert (await world.ledger()).balanced


async def test_a_late_refusal_is_a_dead_letter_with_its_code(world: World, spree: Spree) -> None:
    submission = a_submission(authority="990041")
    await world.send(submission)
    [message] = await spree.wait_for(1)
    await world.until_state(submission, "handed_over")
    await spree.refusal(message, "SCHLUESSEL")
    [dead] = await world.until_dead()
    assert dead.cause == "refused.S011"
    assert (await world.ledger()).balanced


async def test_what_the_system_has_already_counts_as_accepted(world: World, spree: Spree) -> None:
    submission = a_submission(authority="990041")
    await world.send(submission)
    [message] = await spree.wait_for(1)
    await spree.refusal(message, "DOPPELT")
    await world.until_state(submission, "accepted")


async def test_an_authority_without_its_queue_is_parked_until_it_is_there(
    world: World, user_url: str
) -> None:
    submission = a_submission(authority="990041")
    await world.send(submission)

    async def parked() -> bool:
        return "parked" in await world.names(submission.id)

    await until(parked)
    async with a_spree(user_url) as spree:
        [message] = await spree.wait_for(1)
        await spree.receipt(message)
        row = await world.until_state(submission, "accepted")
    assert row.attempts == 1


async def test_a_message_that_no_queue_takes_is_a_dead_letter(world: World, spree: Spree) -> None:
    size = 4900 * 1024  # two of them fit into the hub's own queue, and not into Spree's 12 MiB
    documents = tuple(a_document(f"heavy-{number}", size=size) for number in range(2))
    await world.send(a_submission(authority="990041", documents_given=documents))
    [dead] = await world.until_dead()
    assert (dead.stage, dead.cause) == ("deliver", "document.too_large_for_format")
    assert spree.received == []


async def test_the_simulated_system_answers_by_itself_until_the_case_is_done(
    world: World, user_url: str, tmp_path: Path
) -> None:
    book = Book(tmp_path / "spree.db")
    submission = a_submission(authority="990042", application_id="AT-2026-000005")
    async with running_spree(user_url, book, AUTHORITIES):
        await world.send(submission)
        letters = await world.until_letters(submission.id, 2)
        assert [letter.kind for letter in letters] == ["status", "question"]
        withdrawal = a_withdrawal(case=submission.id)
        await world.send(withdrawal)
        await world.until_letters(submission.id, 4)
        await world.until_state(withdrawal, "accepted")
    kinds = [update["kind"] for update in book.as_json()["updates"]]
    assert kinds.count("receipt") == 2
    assert (await world.ledger()).balanced
    book.close()


async def test_what_was_handed_over_and_lost_there_is_sent_again_under_its_uuid(
    settings: Settings, user_url: str, spree: Spree
) -> None:
    submission = a_submission(authority="990041")
    async with a_world_with_spree(settings, user_url) as world:
        await world.send(submission)
        await world.until_state(submission, "handed_over")
        [lost] = await spree.wait_for(1)

    impatient = settings.model_copy(update={"receipt_hours": 1e-9})
    async with a_world_with_spree(impatient, user_url) as world:
        again = (await spree.wait_for(2))[1]
        assert again.uuid == lost.uuid == submission.id
        await spree.receipt(again)
        await world.until_state(submission, "accepted")

        names = await world.names(submission.id)
        overdue = ["handed_over", "receipt_overdue", "republished", "in_doubt", "attempt"]
        assert names[2:7] == overdue
        assert (await world.ledger()).balanced
