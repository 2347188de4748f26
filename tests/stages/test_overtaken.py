"""Two hubs on one store: one stands still at work, longer than its lease, and then goes on.

What the other has done meanwhile is neither undone nor done once more.
"""

# ruff: noqa: ARG002 - stand-ins take what the real ones take

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from hub.broker import Delivery, Verdict
from hub.mailbox import HalfDone
from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Provided
from hub.model.reference import Reference
from hub.model.reminder import Reminder
from hub.stages.content import seal_update
from hub.stages.deliver import LEASE, Deliver
from hub.stages.mailbox import Mailbox
from hub.store import (
    Case,
    Claimed,
    Message,
    State,
    Store,
    claim,
    dead_letters,
    finish,
    journey,
    ledger,
    message_by_id,
    parkings,
)
from hub.transport import Receipt
from tests.builders import a_reply, a_submission, an_id
from tests.stages.given import (
    NOW,
    a_table,
    an_accepted_case,
    said_by_the_authority,
    sent_by_the_applicant,
    tell,
)

LATER = NOW + 2 * LEASE
FAILURES = [
    TransientFailure("endpoint.busy", "It is busy."),
    EndpointDown("endpoint.down", "It is down."),
    PermanentFailure("content.gone", "It is gone."),
    RuntimeError("nobody expected it"),
]


class Elsewhere:
    """The other hub, and the clock of both. Whoever calls it stands still until its lease ended."""

    def __init__(self, store: Store, message: MessageUuid) -> None:
        self.store, self.message, self.now = store, message, NOW
        self.claimed: Claimed | None = None

    async def takes_it_over(self) -> None:
        self.now = LATER
        claimed = await self.store.run(lambda c: claim(c, self.message, "other", LATER, LEASE))
        assert isinstance(claimed, Claimed)
        self.claimed = claimed

    async def concludes_it(self, state: State) -> None:
        await self.takes_it_over()
        row = await self.row()

        def unit(connection: Any) -> None:
            finish(connection, self.message, state, LATER)
            tell(connection, row, state.value)  # type: ignore[arg-type]

        await self.store.run(unit)

    async def row(self) -> Message:
        row = await self.store.read(lambda c: message_by_id(c, self.message))
        assert row is not None
        return row

    async def names(self) -> list[str]:
        row = await self.row()
        events = await self.store.read(lambda c: journey(c, row.case))
        return [event.name for event in events if event.message == self.message]


Meanwhile = Callable[[], Awaitable[None]]


def reference(row: Message) -> Delivery:
    body = Reference(
        message=row.id, case=row.case, authority=row.authority, attempt=0, trace=None
    ).model_dump_json()
    return Delivery(
        body=body.encode(), routing_key="", exchange="", queue="", message_id=None, type=None,
        content_type=None, reply_to=None, correlation_id=None, user_id=None, headers={},
        redelivered=False, death=None,
    )  # fmt: skip


class Publisher:
    async def publish(self, *args: Any, **more: Any) -> None:
        raise AssertionError("nothing follows")


def delivering(elsewhere: Elsewhere, meanwhile: Meanwhile, outcome: Receipt | Exception) -> Deliver:
    """One that stands still while it sends, and then gets `outcome`."""

    class Translation:
        async def translate(self, message: Message, case: Case, on: date) -> Any:
            route = SimpleNamespace(
                transport="http", endpoint=None, system="one", adapter="any", version="1"
            )
            return SimpleNamespace(
                route=route, parcel=SimpleNamespace(messages=(), changes=()), kept=None
            )

    class Transport:
        async def deliver(self, parcel: Any, endpoint: Any, steps: Any) -> Receipt:
            await meanwhile()
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    return Deliver(
        elsewhere.store, Publisher(), Translation(), a_table, {"http": Transport()}, "hub",
        timedelta(days=1), lambda: elsewhere.now, lambda: None,
    )  # fmt: skip


async def a_case_before(store: Store, name: str) -> Case:
    submission = a_submission(id=an_id(f"submission before {name}"), authority="990001", place=None)
    return await an_accepted_case(store, submission)


@pytest.fixture
async def reply(store: Store) -> Elsewhere:
    return await an_owed_reply(store)


async def an_owed_reply(store: Store, name: str = "reply") -> Elsewhere:
    """What is owed to a system, in a case of its own."""
    case = await a_case_before(store, name)
    message = a_reply(id=an_id(name), case=case.id)
    await sent_by_the_applicant(store, case, message, State.OWED)
    return Elsewhere(store, message.id)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
async def test_who_failed_after_its_lease_does_not_end_the_other_attempt(
    reply: Elsewhere, failure: Exception
) -> None:
    deliver = delivering(reply, reply.takes_it_over, failure)
    assert await deliver.handle(reference(await reply.row())) is Verdict.ACK

    row = await reply.row()
    assert (row.state, row.in_doubt, row.attempts, row.cause) == (State.OWED, True, 1, None)
    again = await reply.store.run(lambda c: claim(c, reply.message, "third", LATER, LEASE))
    assert not isinstance(again, Claimed), "the other hub is still at it"
    assert await reply.store.read(parkings) == []
    assert await reply.store.read(dead_letters) == []


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
async def test_who_failed_after_its_lease_does_not_undo_what_was_accepted(
    reply: Elsewhere, failure: Exception
) -> None:
    deliver = delivering(reply, lambda: reply.concludes_it(State.ACCEPTED), failure)
    await deliver.handle(reference(await reply.row()))

    assert (await reply.row()).state is State.ACCEPTED
    assert await reply.store.read(dead_letters) == []
    assert (await reply.store.read(ledger)).balanced
    assert (await reply.names())[-1] == "late"


async def test_what_was_accepted_twice_is_accepted_once(reply: Elsewhere) -> None:
    receipt = Receipt(accepted=True, at=LATER)
    deliver = delivering(reply, lambda: reply.concludes_it(State.ACCEPTED), receipt)
    await deliver.handle(reference(await reply.row()))

    assert (await reply.names()).count("accepted") == 1


async def test_who_finds_its_lease_ended_sends_nothing(reply: Elsewhere) -> None:
    deliver = delivering(reply, reply.takes_it_over, AssertionError("it was sent"))
    translate = deliver._translation.translate

    async def slowly(message: Message, case: Case, on: date) -> Any:
        await reply.takes_it_over()
        return await translate(message, case, on)

    deliver._translation.translate = slowly  # type: ignore[method-assign]
    assert await deliver.handle(reference(await reply.row())) is Verdict.ACK
    assert (await reply.row()).attempts == 1


async def test_a_step_after_its_lease_ended_is_the_last(reply: Elsewhere) -> None:
    deliver = delivering(reply, reply.takes_it_over, RuntimeError("it went on"))

    class Transport:
        async def deliver(self, parcel: Any, endpoint: Any, steps: Any) -> Receipt:
            await reply.takes_it_over()
            await steps.record("first", "done")
            raise AssertionError("it sends the second")

    deliver._transports = {"http": Transport()}
    assert await deliver.handle(reference(await reply.row())) is Verdict.ACK
    assert (await reply.row()).unexpected == 0


class Provider:
    """Stands still while it has the letter."""

    def __init__(self, meanwhile: Meanwhile, outcome: Provided | Exception) -> None:
        self.meanwhile, self.outcome, self.letters = meanwhile, outcome, 0

    async def deliver(self, letter: Letter) -> Provided:
        self.letters += 1
        await self.meanwhile()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def providing(elsewhere: Elsewhere, provider: Provider, now: datetime | None = None) -> Mailbox:
    return Mailbox(
        elsewhere.store, Publisher(), a_table, {"local": provider}, "hub", timedelta(days=1),
        lambda: now or elsewhere.now, lambda: None,
    )  # fmt: skip


@pytest.fixture
async def letter(store: Store) -> Elsewhere:
    return await an_owed_letter(store)


async def an_owed_letter(store: Store, name: str = "reminder") -> Elsewhere:
    """What is owed to the mailbox, in a case of its own."""
    case = await a_case_before(store, name)
    id_, deadline = MessageUuid(an_id(name)), LATER.date() + timedelta(days=9)
    letter = Reminder(id=id_, about=MessageUuid(case.id), deadline=deadline, created_at=NOW)
    row = await said_by_the_authority(
        store, case, "reminder", id=id_, wire=id_, state=State.OWED, deadline=deadline,
        content=seal_update(store.sealer, letter, id_),
    )  # fmt: skip
    return Elsewhere(store, row.id)


@pytest.mark.parametrize(
    "outcome",
    [
        Provided(at=LATER),
        *FAILURES,
        HalfDone(FAILURES[0], Provided(at=LATER)),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
async def test_a_letter_that_another_hub_has_provided_is_provided_once(
    letter: Elsewhere, outcome: Provided | Exception
) -> None:
    provider = Provider(lambda: letter.concludes_it(State.PROVIDED), outcome)
    mailbox = providing(letter, provider)
    assert await mailbox.handle(reference(await letter.row())) is Verdict.ACK

    assert provider.letters == 1
    assert (await letter.row()).state is State.PROVIDED
    assert (await letter.names()).count("provided") == 1
    assert await letter.store.read(dead_letters) == []
    assert await letter.store.read(parkings) == []
    assert (await letter.store.read(ledger)).balanced


async def test_who_failed_after_its_lease_leaves_the_letter_to_the_other(letter: Elsewhere) -> None:
    mailbox = providing(letter, Provider(letter.takes_it_over, FAILURES[2]))
    await mailbox.handle(reference(await letter.row()))

    row = await letter.row()
    assert (row.state, row.in_doubt) == (State.OWED, True)
    assert letter.claimed is not None
    replaced = replace(letter.claimed.message, in_doubt=True)
    assert row == replaced
