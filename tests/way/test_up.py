"""The way up: from the system to the mailbox, and the applicant's answer down again."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from hub.model.upward import UpdateKind
from hub.sandbox.script import Answer
from hub.store import acts
from hub.xml import serialise
from tests.adapters.xauslaender.updates import a_refusal
from tests.builders import a_reply, a_submission, a_withdrawal, an_id
from tests.way.conftest import World, until

X = {"x": "http://www.osci.de/xauslaender2611"}


async def test_a_status_becomes_a_letter_with_its_time_of_provision(world: World) -> None:
    submission = a_submission(language="en")
    await world.send(submission)
    await world.until_state(submission, "accepted")
    [received] = world.system.received
    await world.update(Answer("status", status="01"), received)
    [letter] = await world.until_letters(submission.id, 1)
    assert (letter.kind, letter.language, letter.case) == ("status", "en", submission.id)

    async def provided() -> list[str] | None:
        names = await world.names(submission.id)
        return names if "provided" in names else None  # recorded just after the letter is there

    assert (await until(provided))[-2:] == ["interpreted", "provided"]
    assert (await world.ledger()).balanced


async def test_letters_keep_the_order_in_which_updates_came(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    kinds: list[UpdateKind] = ["status", "question", "appointment", "intended_refusal"]
    for kind in kinds:
        await world.update(Answer(kind, status="01" if kind == "status" else None), received)
    letters = await world.until_letters(submission.id, 4)
    assert [letter.kind for letter in letters] == kinds


async def test_the_same_update_twice_is_one_letter(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    body = await world.written(Answer("status", status="01"), received)
    await world.post(body)
    await world.post(body)

    async def noted() -> bool:
        return "duplicate" in await world.names(submission.id)

    await until(noted)
    assert len(await world.until_letters(submission.id, 1)) == 1


async def test_without_back_channel_nothing_goes_up_and_it_is_noted(world: World) -> None:
    submission = a_submission(back_channel=False, mailbox=None)
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    assert received.root.findtext("x:rueckkanalVorhanden", namespaces=X) == "false"
    await world.update(Answer("status", status="01"), received)

    async def withheld() -> bool:
        return "withheld" in await world.names(submission.id)

    await until(withheld)
    assert await world.letters(submission.id) == []
    assert [row.state for row in await world.messages(submission.id)] == ["accepted", "withheld"]
    assert (await world.ledger()).balanced


async def test_an_update_for_another_authoritys_case_is_a_dead_letter(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    await world.update(Answer("status", status="01"), received, authority="990002")
    [dead] = await world.until_dead()
    assert (dead.cause, dead.stage) == ("case.unknown", "interpret")
    assert await world.letters(submission.id) == []
    [audited] = await world.hub.store.read(acts)
    assert (audited.act.actor, audited.act.subject) == ("hub", "990002")


@pytest.mark.parametrize(
    ("body", "cause"),
    [(b"<a", "X000"), (b"<!DOCTYPE a><a/>", "xml.doctype"), (b"<a/>", "X001")],
)
async def test_a_hostile_update_is_a_dead_letter_and_the_next_good_one_passes(
    world: World, body: bytes, cause: str
) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    await world.post(body)
    [dead] = await world.until_dead()
    assert dead.cause == cause
    await world.update(Answer("status", status="01"), received)
    await world.until_letters(submission.id, 1)


async def test_a_reply_waits_until_its_submission_was_accepted(world: World) -> None:
    world.system.answers += [web.Response(status=503, headers={"Retry-After": "3"})]
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    question = await world.update(Answer("question"), received)
    [letter] = await world.until_letters(submission.id, 1)
    assert letter.about == question
    reply = a_reply(case=submission.id, answers=letter.about)
    await world.send(reply)
    await world.until_state(reply, "accepted")
    assert [each.name for each in world.system.received] == [
        "OZG.Antrag.130101",
        "OZG.Antrag.130101",
        "OZG.RueckkanalAntwort.130103",
    ]
    assert world.system.received[-1].root.findtext("x:ausloeserUUID", namespaces=X) == str(question)


async def test_a_withdrawal_goes_down_and_a_reply_after_it_is_refused(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    question = await world.update(Answer("question"), received)
    await world.until_letters(submission.id, 1)
    withdrawal = a_withdrawal(case=submission.id)
    await world.send(withdrawal)
    await world.until_state(withdrawal, "accepted")
    await world.send(a_reply(case=submission.id, answers=question))
    [dead] = await world.until_dead()
    assert dead.cause == "case.withdrawn"


@pytest.mark.parametrize("case", ["unknown", "of another"])
async def test_a_reply_that_matches_no_question_of_its_case_is_refused(
    world: World, case: str
) -> None:
    submission, other = a_submission(), a_submission(id=an_id("other"))
    for each in (submission, other):
        await world.send(each)
        await world.until_state(each, "accepted")
    question = await world.update(Answer("question"), world.system.received[0])
    await world.until_letters(submission.id, 1)
    reply = a_reply(case=other.id if case == "of another" else an_id("nobody"), answers=question)
    await world.send(reply)
    [dead] = await world.until_dead()
    assert dead.cause == ("answer.unmatched" if case == "of another" else "case.unknown")


@pytest.mark.parametrize("correlation", ["mine", None])
async def test_a_refusal_after_acceptance_is_a_dead_letter_and_the_sender_is_told(
    world: World, refusals: asyncio.Queue[dict[str, Any]], correlation: str | None
) -> None:
    submission = a_submission()
    await world.send(submission, reply_to="service.refusals", correlation_id=correlation)
    await world.until_state(submission, "accepted")
    [received] = world.system.received
    await world.post(serialise(a_refusal(serialise(received.root), "S010")))
    [dead] = await world.until_dead()
    assert (dead.cause, dead.message) == ("refused.S010", submission.id)
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    which = correlation or str(submission.id)
    assert refusal["refused"] == str(submission.id)
    assert (refusal["correlation"], refusal["key"]) == (which, which)
    assert (await world.ledger()).balanced


async def test_already_processed_is_no_refusal(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "accepted")
    [received] = world.system.received
    await world.post(serialise(a_refusal(serialise(received.root), "S100")))

    async def late() -> bool:
        return "late" in await world.names(submission.id)

    await until(late)
    assert [row.state for row in await world.messages(submission.id)] == ["accepted", "noted"]
