"""What a receipt or a refusal does to the message that it names, wherever that stands."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from hub.model.identifiers import MessageUuid
from hub.model.upward import Receipt, Refusal, RefusalReason
from hub.stages.conclusion import conclude
from hub.store import (
    Case,
    Connection,
    Message,
    NewMessage,
    State,
    Store,
    case_by_id,
    dead_letters,
    insert_message,
    journey,
    message_by_id,
)
from tests.store.building import NOW, a_case, a_message, an_update, put

LATER = NOW + timedelta(hours=1)


def a_refusal(answers: MessageUuid, *codes: str) -> Refusal:
    reasons = tuple(RefusalReason(code=code) for code in codes)
    return Refusal(id=MessageUuid(uuid4()), answers=answers, created_at=LATER, reasons=reasons)


def a_receipt(answers: MessageUuid) -> Receipt:
    return Receipt(id=MessageUuid(uuid4()), answers=answers, created_at=LATER)


async def a_submission(store: Store, state: State, *more: Any) -> tuple[Case, NewMessage]:
    case = a_case()
    row = a_message(case, state=state, content=None)
    await store.run(lambda c: put(c, case, row, *(make(case, row) for make in more)))
    return case, row


def a_status_at(said_at: datetime) -> Any:
    return lambda case, row: an_update(
        case, state=State.PROVIDED, owes=None, answers=row.wire, said_at=said_at
    )


async def concluded(
    store: Store, case: Case, row: NewMessage, said: Receipt | Refusal
) -> tuple[Message, list[str], str]:
    """The row, the names of what happened, and the phase of the case."""
    own = an_update(
        case,
        kind=said.type,
        state=State.NOTED,
        owes=None,
        content=None,
        answers=row.wire,
        created_at=LATER,
        said_at=said.created_at,
    )

    def unit(connection: Connection) -> tuple[Message, list[str], str]:
        insert_message(connection, own)
        answered = message_by_id(connection, row.id)
        assert answered is not None
        conclude(connection, store.sealer, said, own, answered, timedelta(days=30))
        after, found = message_by_id(connection, row.id), case_by_id(connection, case.id)
        assert after is not None
        assert found is not None
        names = [event.name for event in journey(connection, case.id) if event.at == LATER]
        return after, names, found.state

    return await store.run(unit)


@pytest.mark.parametrize(
    ("state", "after", "event"),
    [
        (State.OWED, State.ACCEPTED, "accepted"),  # its answer is still on the way
        (State.HANDED_OVER, State.ACCEPTED, "accepted"),
        (State.ACCEPTED, State.ACCEPTED, "late"),
        (State.DEAD, State.DEAD, "late"),
        (State.DISCARDED, State.DISCARDED, "late"),
    ],
)
@pytest.mark.parametrize("codes", [None, ("S100",)])
async def test_a_receipt_accepts_what_is_on_its_way_and_nothing_else(
    store: Store, state: State, after: State, event: str, codes: tuple[str, ...] | None
) -> None:
    case, row = await a_submission(store, state)
    said = a_refusal(row.wire, *codes) if codes else a_receipt(row.wire)
    found, names, _ = await concluded(store, case, row, said)
    assert (found.state, names) == (after, [event])


@pytest.mark.parametrize(
    ("state", "after", "event"),
    [
        (State.OWED, State.DEAD, "dead"),
        (State.HANDED_OVER, State.DEAD, "dead"),
        (State.ACCEPTED, State.DEAD, "dead"),
        (State.DEAD, State.DEAD, "late"),
        (State.DISCARDED, State.DISCARDED, "late"),
    ],
)
@pytest.mark.parametrize("codes", [("T080",), ("S100", "S010")])
async def test_a_refusal_kills_what_is_not_finished_otherwise(
    store: Store, state: State, after: State, event: str, codes: tuple[str, ...]
) -> None:
    case, row = await a_submission(store, state)
    found, names, _ = await concluded(store, case, row, a_refusal(row.wire, *codes))
    assert (found.state, names) == (after, [event])
    letters = await store.read(dead_letters)
    assert [letter.cause for letter in letters] == (
        [f"refused.{codes[0]}"] if event == "dead" else []
    )


@pytest.mark.parametrize(
    ("said_at", "after", "names"),
    [
        (LATER - timedelta(minutes=1), State.DEAD, ["contradictory", "dead"]),
        (LATER + timedelta(minutes=1), State.ACCEPTED, ["late"]),
    ],
)
async def test_a_refusal_is_outrun_by_what_is_newer_and_contradicts_what_is_older(
    store: Store, said_at: datetime, after: State, names: list[str]
) -> None:
    case, row = await a_submission(store, State.ACCEPTED, a_status_at(said_at))
    found, happened, _ = await concluded(store, case, row, a_refusal(row.wire, "S010"))
    assert (found.state, happened) == (after, names)


async def test_a_withdrawal_that_is_refused_was_not_said(store: Store) -> None:
    case, _ = await a_submission(store, State.ACCEPTED, a_status_at(NOW))
    withdrawal = a_message(case, kind="withdrawal", state=State.HANDED_OVER, content=None)
    await store.run(lambda c: insert_message(c, withdrawal))
    refusal = a_refusal(withdrawal.wire, "S010")
    _, _, phase = await concluded(store, case, withdrawal, refusal)
    assert phase == "in_progress"
