"""The conversation of a case over a real broker: what passes, what is marked, what is refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.broker import SUBMISSIONS
from hub.model.downward import Downward, MailboxAddress
from hub.model.identifiers import CaseId
from hub.sandbox import updates
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import read as read_incoming
from hub.settings import Settings
from hub.store import case_by_id, replay
from hub.xml import serialise
from tests.adapters.xauslaender.updates import a_refusal
from tests.builders import (
    a_receipt_confirmation,
    a_reply,
    a_submission,
    a_withdrawal,
    an_agreement_reply,
    an_id,
)
from tests.way import conftest
from tests.way.conftest import World, a_world, until
from tests.way.spree import a_channel, publish
from tests.way.system import Received, System

Refusals = asyncio.Queue[dict[str, Any]]

MORE = """
  "990005": {{name: Strict, regional_keys: [], system: one, services: all, back_channel: true,
    late_replies: refuse}}
senders:
  "alp:000007": {{users: [known]}}
"""


@pytest.fixture
async def world(
    settings: Settings, system: System, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(conftest, "ROUTING", conftest.ROUTING.rstrip() + MORE)
    async with a_world(settings, system) as world:
        yield world


async def begun(world: World, **given: Any) -> tuple[CaseId, Received]:
    """A case whose submission was accepted, and what the system has of it."""
    submission = a_submission(**given)
    await world.send(submission, reply_to="service.refusals")
    await world.until_state(submission, "accepted")
    return CaseId(submission.id), world.system.received[-1]


async def said(
    world: World,
    kind: Any,
    to: Received,
    *,
    ago: timedelta = timedelta(0),
    authority: str = "990001",
    uuid: UUID | None = None,
) -> UUID:
    """The authority says something, `ago` by its own clock, and the hub has taken it in."""
    uuid = uuid or uuid4()
    answer = Answer(kind, status="01" if kind == "status" else None)
    now = datetime.now(UTC) - ago
    await world.post(updates.write(answer, read_incoming(to.root), uuid, now), authority)
    return uuid


async def asked(world: World, case: CaseId, kind: Any, to: Received, **given: Any) -> UUID:
    """The authority has said it, and the applicant has the letter."""
    count = len(await world.letters(case))
    uuid = await said(world, kind, to, **given)
    await world.until_letters(case, count + 1)
    return uuid


async def until_event(world: World, case: UUID, name: str) -> Any:
    async def found() -> Any:
        events = [event for event in await world.events(case) if event.name == name]
        return events[0] if events else None

    return await until(found)


async def state_of(world: World, case: CaseId) -> str:
    found = await world.hub.store.read(lambda c: case_by_id(c, case))
    assert found is not None
    return found.state


async def told(refusals: Refusals) -> str:
    """The cause that the sender is told, in a sentence."""
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    assert refusal["sentence"].endswith(".")
    return str(refusal["cause"])


async def refused(world: World, refusals: Refusals, message: Downward) -> str:
    await world.send(message, reply_to="service.refusals")
    cause = await told(refusals)
    [dead] = await world.until_dead()
    assert (dead.cause, dead.stage) == (cause, "intake")
    assert (await world.ledger()).balanced
    return cause


async def test_the_phase_is_kept_with_the_case(world: World) -> None:
    case, received = await begun(world)
    assert await state_of(world, case) == "submitted"
    question = await asked(world, case, "question", received)
    assert await state_of(world, case) == "in_progress"
    reply = a_reply(case=case, answers=question)
    await world.send(reply)
    await world.until_state(reply, "accepted")
    assert await state_of(world, case) == "in_progress"
    withdrawal = a_withdrawal(case=case)
    await world.send(withdrawal)
    await world.until_state(withdrawal, "accepted")
    assert await state_of(world, case) == "withdrawing"
    await asked(world, case, "withdrawal_answer", world.system.received[-1])
    assert await state_of(world, case) == "withdrawn"


async def test_a_second_reply_is_a_supplement(world: World) -> None:
    case, received = await begun(world)
    question = await asked(world, case, "question", received)
    for name in ("first", "second"):
        reply = a_reply(id=an_id(name), case=case, answers=question)
        await world.send(reply)
        await world.until_state(reply, "accepted")
    supplements = [event for event in await world.events(case) if event.name == "supplement"]
    assert [event.message for event in supplements] == [an_id("second")]
    assert len(world.system.received) == 3


async def test_a_late_reply_is_passed_on_and_marked(world: World) -> None:
    case, received = await begun(world)
    question = await asked(world, case, "question", received, ago=timedelta(days=60))
    reply = a_reply(case=case, answers=question, created_at=datetime.now(UTC))
    await world.send(reply)
    await world.until_state(reply, "accepted")
    assert (await until_event(world, case, "late_reply")).message == reply.id


async def test_an_authority_may_refuse_late_replies(world: World, refusals: Refusals) -> None:
    case, received = await begun(world, authority="990005")
    question = await asked(
        world, case, "question", received, ago=timedelta(days=60), authority="990005"
    )
    reply = a_reply(case=case, answers=question, created_at=datetime.now(UTC))
    assert await refused(world, refusals, reply) == "answer.late"
    assert len(world.system.received) == 1


async def test_who_withdraws_twice_is_told_so(world: World, refusals: Refusals) -> None:
    case, _ = await begun(world)
    first = a_withdrawal(case=case)
    await world.send(first)
    await world.until_state(first, "accepted")
    again = a_withdrawal(id=an_id("again"), case=case)
    assert await refused(world, refusals, again) == "case.withdrawn"


@pytest.mark.parametrize("write", [an_agreement_reply, a_receipt_confirmation])
async def test_what_was_not_asked_for_is_refused(
    world: World, refusals: Refusals, write: Any
) -> None:
    case, received = await begun(world)
    question = await asked(world, case, "question", received)
    assert await refused(world, refusals, write(case=case, answers=question)) == "answer.unmatched"


async def test_a_signed_agreement_is_sent_once(world: World, refusals: Refusals) -> None:
    case, received = await begun(world, service="skilled_workers")
    agreement = await asked(world, case, "agreement", received)
    signed = an_agreement_reply(case=case, answers=agreement)
    await world.send(signed)
    await world.until_state(signed, "accepted")
    again = signed.model_copy(update={"id": an_id("again")})
    assert await refused(world, refusals, again) == "answer.given"


async def test_nothing_is_sent_to_a_procedure_that_ended(world: World, refusals: Refusals) -> None:
    case, received = await begun(world, service="skilled_workers")
    agreement = await asked(world, case, "agreement", received)
    await asked(world, case, "ending", received)
    message = an_agreement_reply(case=case, answers=agreement)
    assert await refused(world, refusals, message) == "case.ended"
    assert await state_of(world, case) == "ended"


async def test_without_back_channel_nothing_was_asked(world: World, refusals: Refusals) -> None:
    case, received = await begun(world, back_channel=False, mailbox=None)
    question = await said(world, "question", received)
    await until_event(world, case, "withheld")
    reply = a_reply(case=case, answers=question)
    assert await refused(world, refusals, reply) == "answer.not_provided"


async def test_a_refused_withdrawal_was_not_said_and_holds_up_what_follows(
    world: World, refusals: Refusals
) -> None:
    case, received = await begun(world)
    question = await asked(world, case, "question", received)
    withdrawal = a_withdrawal(case=case)
    await world.send(withdrawal, reply_to="service.refusals")
    await world.until_state(withdrawal, "accepted")
    refusal = a_refusal(serialise(world.system.received[-1].root), "T080")
    await world.post(serialise(refusal))
    assert await told(refusals) == "refused.T080"
    assert await state_of(world, case) == "in_progress"
    reply = a_reply(case=case, answers=question)
    await world.send(reply)
    held = await until_event(world, case, "held_up")
    assert (held.message, held.detail["cause"]) == (reply.id, "refused.T080")
    freed = await world.hub.store.run(lambda c: replay(c, withdrawal.id, datetime.now(UTC)))
    assert freed is not None
    await world.until_state(reply, "accepted")


async def test_an_unknown_mailbox_provider_is_refused_at_the_door(
    world: World, refusals: Refusals
) -> None:
    submission = a_submission(mailbox=MailboxAddress(provider="nowhere", account="muster-1"))
    assert await refused(world, refusals, submission) == "mailbox.unknown_provider"


async def test_a_listed_sender_is_believed_only_as_its_user(world: World, amqp_url: str) -> None:
    sender = a_submission().sender.model_copy(update={"key": "alp:000007"})
    case, _ = await begun(world, sender=sender)  # the hub's own user may speak for everybody
    withdrawal = a_withdrawal(case=case)
    async with a_channel(amqp_url) as channel:
        await publish(channel, withdrawal.model_dump_json().encode(), exchange=SUBMISSIONS)
    [dead] = await world.until_dead()
    assert (dead.cause, dead.stage) == ("sender.not_allowed", "intake")
    assert await state_of(world, case) == "submitted"


async def test_an_older_update_is_provided_and_overwrites_nothing(world: World) -> None:
    case, received = await begun(world)
    # Said before the end by the authority's clock, and after the submission came in.
    early = (await world.messages(case))[0].created_at + timedelta(milliseconds=1)
    await asked(world, case, "not_competent", received)
    await asked(world, case, "question", received, ago=datetime.now(UTC) - early)
    assert [letter.kind for letter in await world.letters(case)] == ["not_competent", "question"]
    assert await state_of(world, case) == "not_competent"
    names = await world.names(case)
    assert "out_of_order" in names
    assert "contradictory" not in names


async def test_a_contradiction_is_provided_and_marked(world: World, refusals: Refusals) -> None:
    case, _ = await begun(world)
    withdrawal = a_withdrawal(case=case)
    await world.send(withdrawal)
    await world.until_state(withdrawal, "accepted")
    received = world.system.received[-1]
    await asked(world, case, "withdrawal_answer", received)
    question = await asked(world, case, "question", received)
    assert (await until_event(world, case, "contradictory")).stage == "interpret"
    reply = a_reply(case=case, answers=question)
    assert await refused(world, refusals, reply) == "case.withdrawn"


async def test_another_update_under_a_known_uuid_is_a_conflict(world: World) -> None:
    case, received = await begun(world)
    uuid = await asked(world, case, "status", received)
    await said(world, "question", received, uuid=uuid)
    [dead] = await world.until_dead()
    assert (dead.cause, dead.stage) == ("message.conflict", "interpret")
    assert len(await world.letters(case)) == 1


async def test_an_update_to_a_dead_message_is_provided_and_marked(
    world: World, refusals: Refusals
) -> None:
    case, received = await begun(world)
    await world.post(serialise(a_refusal(serialise(received.root), "S010")))
    assert await told(refusals) == "refused.S010"
    await asked(world, case, "status", received)
    assert (await until_event(world, case, "unconfirmed")).detail == {"answers": "dead"}
    [dead] = await world.until_dead()
    assert dead.state == "open"


async def test_a_refusal_that_is_older_than_an_update_is_outrun(world: World) -> None:
    case, received = await begun(world)
    await asked(world, case, "status", received)
    await world.post(serialise(a_refusal(serialise(received.root), "S010")))
    await until_event(world, case, "late")
    assert (await world.messages(case))[0].state == "accepted"


async def test_a_refusal_is_told_with_the_words_of_its_code(
    world: World, refusals: Refusals
) -> None:
    case, received = await begun(world)
    await world.post(serialise(a_refusal(serialise(received.root), "V000", "S010")))
    assert await told(refusals) == "refused.V000"
    [dead] = await world.until_dead()
    assert "V000 (Nicht spezifikationskonform: Die Nachricht kann in der Version" in dead.sentence
    [event] = [each for each in await world.events(case) if each.name == "dead"]
    assert (event.detail["class"], event.detail["codes"]) == ("V", "V000, S010")
    assert "S010 (Nicht spezifikationskonform: Ungültige Schlüsseltabelle)" in dead.sentence
