import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4, uuid5

import pytest

from hub.broker import Broker, Delivery
from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter
from hub.model.reference import Reference
from hub.stages.content import open_update
from hub.stages.forward import Forward
from hub.stages.mailbox import Mailbox
from hub.stages.remind import Remind, is_time
from hub.stages.standing import german_day
from hub.store import (
    Case,
    Message,
    NewMessage,
    OpenQuestion,
    State,
    Store,
    due,
    journey,
    ledger,
    messages_of,
)
from hub.store.cases import move_case
from tests.builders import a_reply, a_submission, a_withdrawal
from tests.stages.given import (
    NOW,
    a_table,
    an_accepted_case,
    said_by_the_authority,
    sent_by_the_applicant,
)
from tests.store.conftest import Opener

TABLE = a_table()
DEADLINE = date(2026, 11, 30)
DAY = timedelta(days=1)
REMINDER_DAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


async def look(store: Store, at: datetime = REMINDER_DAY) -> int:
    return await Remind(store, lambda: TABLE, lambda: at).look()


async def a_question(store: Store, case: Case, **given: Any) -> NewMessage:
    return await said_by_the_authority(store, case, "question", **{"deadline": DEADLINE} | given)


async def reminders(store: Store, case: Case) -> list[Message]:
    rows = await store.read(lambda c: messages_of(c, case.id))
    return [row for row in rows if row.kind == "reminder"]


async def test_an_open_question_reminds_once_some_days_before_its_deadline(store: Store) -> None:
    case = await an_accepted_case(store)
    question = await a_question(store, case)

    assert await look(store, REMINDER_DAY - DAY) == 0
    assert await look(store) == 1
    assert await look(store) == 0
    assert await look(store, REMINDER_DAY + DAY) == 0

    [row] = await reminders(store, case)
    assert row.id == uuid5(question.id, "reminder")
    assert (row.state, row.owes, row.provider) == (State.OWED, "mail", "local")
    assert row.content is not None
    reminder = open_update(store.sealer, row.content, row.id)
    assert reminder.type == "reminder"
    assert (reminder.about, reminder.deadline) == (question.wire, DEADLINE)
    [owed] = await store.run(lambda c: due(c, REMINDER_DAY, 10, timedelta(minutes=1)))
    assert (owed.message, owed.owes, owed.provider) == (row.id, "mail", "local")


async def test_a_reminder_is_in_the_journal_and_in_the_books(store: Store) -> None:
    case = await an_accepted_case(store)
    question = await a_question(store, case)
    await look(store)

    event = (await store.read(lambda c: journey(c, case.id)))[-1]
    assert (event.name, event.stage) == ("reminded", "remind")
    assert event.detail == {"question": str(question.id), "deadline": "2026-11-30"}
    drawn = await store.read(ledger)
    assert drawn.balanced, drawn.differences
    assert (drawn.totals.came_in, drawn.totals.owed) == (3, 1)


async def test_not_again_after_a_restart(opener: Opener) -> None:
    async with opener() as store:
        case = await an_accepted_case(store)
        await a_question(store, case)
        assert await look(store) == 1
    async with opener() as store:
        assert await look(store) == 0
        assert len(await reminders(store, case)) == 1


async def test_two_hubs_on_one_store_remind_once(opener: Opener) -> None:
    async with opener() as one, opener() as other:
        cases = [await an_accepted_case(one, a_submission(id=uuid4())) for _ in range(5)]
        for case in cases:
            await a_question(one, case)
        counts = await asyncio.gather(*(look(each) for each in (one, other) for _ in range(3)))
        assert sum(counts) == 5
        for case in cases:
            assert len(await reminders(one, case)) == 1


async def test_without_a_deadline_nobody_is_reminded(store: Store) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case, deadline=None)
    assert await look(store) == 0


@pytest.mark.parametrize("state", [State.OWED, State.WITHHELD, State.DEAD])
async def test_of_a_question_that_did_not_arrive_nobody_is_reminded(
    store: Store, state: State
) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case, state=state)
    assert await look(store) == 0


@pytest.mark.parametrize(
    ("state", "count"),
    [(State.ACCEPTED, 0), (State.OWED, 0), (State.DEAD, 1), (State.DISCARDED, 1)],
)
async def test_only_a_living_reply_is_an_answer(store: Store, state: State, count: int) -> None:
    case = await an_accepted_case(store)
    question = await a_question(store, case)
    await sent_by_the_applicant(store, case, a_reply(case=case.id, answers=question.wire), state)
    assert await look(store) == count


async def test_a_withdrawn_case_is_left_alone(store: Store) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case)
    await sent_by_the_applicant(store, case, a_withdrawal(case=case.id))
    assert await look(store) == 0


async def test_who_had_the_case_is_no_longer_answered(store: Store) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case)
    after = NOW + timedelta(seconds=9)
    await said_by_the_authority(store, case, "not_competent", created_at=after)
    assert await look(store) == 0
    forward = Forward(store, lambda: TABLE, lambda: NOW + DAY)
    await forward.to(case.id, "990002", actor="cli:ola", reason="moved away")
    assert await look(store) == 0


async def test_without_back_channel_nothing_goes_up(store: Store) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case)
    await store.run(lambda c: move_case(c, case.id, case.authority, back_channel=False))
    assert await look(store) == 0


async def test_an_authority_may_want_no_reminders(store: Store) -> None:
    case = await an_accepted_case(store, a_submission(authority="990007"))
    await a_question(store, case)
    assert [await look(store, REMINDER_DAY + n * DAY) for n in range(4)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("days", "at", "expected"),
    [
        (3, datetime(2026, 11, 26, 12, tzinfo=UTC), False),
        (3, datetime(2026, 11, 26, 23, 30, tzinfo=UTC), True),  # half past midnight in Germany
        (3, datetime(2026, 11, 29, 12, tzinfo=UTC), True),
        (3, datetime(2026, 11, 29, 23, 30, tzinfo=UTC), False),  # the day of the deadline there
        (3, datetime(2026, 11, 30, 12, tzinfo=UTC), False),
        (60, NOW, False),  # the question itself came today
        (60, NOW + DAY, True),
        (0, datetime(2026, 11, 29, 12, tzinfo=UTC), False),
    ],
)
def test_the_day_is_that_of_the_authority(days: int, at: datetime, expected: bool) -> None:
    question = OpenQuestion(MessageUuid(uuid4()), CaseId(uuid4()), "990001", DEADLINE, NOW)
    assert is_time(question, days, german_day(at)) is expected


async def provided(store: Store, message: MessageUuid, case: Case, at: datetime) -> list[Letter]:
    """What MAILBOX makes of the message at that time."""
    local = LocalMailbox(store)
    never = Broker(["amqp://127.0.0.1:1/"], name="never connected").publisher
    mailbox = Mailbox(
        store,
        never,
        lambda: TABLE,
        {"local": local},
        "me",
        DAY,
        lambda: at,
        on_parked=lambda: None,
    )
    reference = Reference(
        message=message, case=case.id, authority=case.authority, attempt=0, trace=None
    )
    await mailbox.handle(a_delivery(reference.model_dump_json().encode()))
    return await local.list_letters(case=case.id)


async def test_a_reminder_becomes_a_letter_about_its_question(store: Store) -> None:
    case = await an_accepted_case(store, a_submission(language="en"))
    question = await a_question(store, case)
    await look(store)
    [row] = await reminders(store, case)

    [letter] = await provided(store, row.id, case, REMINDER_DAY)

    assert (letter.kind, letter.about, letter.sender) == ("reminder", question.wire, "One")
    assert "30 November 2026" in letter.body
    assert (await store.read(ledger)).balanced


async def test_a_reminder_that_waited_until_the_deadline_is_withheld(store: Store) -> None:
    case = await an_accepted_case(store)
    await a_question(store, case)
    await look(store)
    [row] = await reminders(store, case)

    assert await provided(store, row.id, case, REMINDER_DAY + 3 * DAY) == []

    [row] = await reminders(store, case)
    assert row.state is State.WITHHELD
    drawn = await store.read(ledger)
    assert drawn.balanced, drawn.differences


def a_delivery(body: bytes) -> Delivery:
    return Delivery(
        body=body,
        routing_key="",
        exchange="hub.mailbox",
        queue="hub.mailbox.local",
        message_id=None,
        type="mail",
        content_type=None,
        reply_to=None,
        correlation_id=None,
        user_id=None,
        headers={},
        redelivered=False,
        death=None,
    )
