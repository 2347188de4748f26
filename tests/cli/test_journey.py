import json
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from hub.cli import opened
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import (
    Case,
    Connection,
    Event,
    NewDeadLetter,
    NewMessage,
    State,
    Store,
    bury,
    insert_case,
    insert_message,
    record,
)
from tests.cli.conftest import Hub
from tests.model.builders import NOON

Fill = Callable[[Callable[[Store], object]], None]
CASE = CaseId(UUID("11111111-1111-4111-8111-111111111111"))
DOOR = MessageUuid(UUID("22222222-2222-4222-8222-222222222222"))


def a_case(case: CaseId = CASE, sender: str = "alp:000000") -> Case:
    return Case(
        id=case,
        application_id="AT-2026-000001",
        service="employment",
        authority="990001",
        sender=sender,
        provider="local",
        back_channel=True,
        test=False,
        created_at=NOON,
        state="submitted",
        profile=b"",
    )


def a_message(message: MessageUuid, state: State) -> NewMessage:
    return NewMessage(
        id=message,
        case=CASE,
        direction="down",
        kind="submission",
        authority="990001",
        wire=message,
        answers=None,
        state=state,
        owes="deliver",
        provider=None,
        content=b"",
        digest="",
        trace=None,
        created_at=NOON,
        due_at=NOON,
        deadline=date(2026, 11, 30),
    )


def a_submission_under_way(connection: Connection) -> None:
    insert_case(connection, a_case())
    insert_message(connection, a_message(MessageUuid(CASE), State.OWED))
    received = Event(CASE, MessageUuid(CASE), NOON, "received", "intake", "990001")
    took = timedelta(milliseconds=12)
    detail = {"changes": 2}
    attempt = Event(
        CASE, MessageUuid(CASE), NOON + took, "attempt", "deliver", "990001", 1, took, detail
    )
    record(connection, received, attempt)


def refused_at_the_door(connection: Connection) -> None:
    dead = NewDeadLetter(
        id=uuid4(),
        message=None,
        case=None,
        authority=None,
        stage="intake",
        cause="authority.unknown",
        sentence="No authority in routing.yaml has this key.",
        location="authority",
        fingerprint="x",
        at=NOON,
        content=None,
        origin={},
        reply_to=None,
        correlation=str(DOOR),
        kind="submission",
    )
    bury(connection, dead)


def test_a_journey_is_found_by_case_message_or_application(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(a_submission_under_way))
    by_case, by_application = hub("journey", CASE), hub("journey", "AT-2026-000001")
    assert by_case == by_application
    assert by_case.code == 0
    lines = [line.split() for line in by_case.out.splitlines()]
    assert lines[1:] == [
        ["2026-11-02", "12:00:00.000", "submission", "intake", "received"],
        [
            *("2026-11-02", "12:00:00.012", "submission", "deliver", "attempt"),
            *("1", "0.012", "s", "changes", "2"),
        ],
    ]


def test_a_journey_as_json(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(a_submission_under_way))
    events = json.loads(hub("journey", CASE, "--json").out)
    assert [event["name"] for event in events] == ["received", "attempt"]
    assert events[1]["detail"] == {"changes": 2}
    assert events[0]["case"] == str(CASE)


def test_what_was_refused_at_the_door_says_why(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(refused_at_the_door))
    outcome = hub("journey", DOOR)
    assert outcome.code == 1
    assert outcome.err == (
        f"{DOOR} was refused (authority.unknown): No authority in routing.yaml has this key.\n"
    )


def test_an_unknown_id_says_so(hub: Hub, store: Fill) -> None:
    outcome = hub("journey", "AT-0")
    assert outcome.err == "no case, message or application AT-0 is known to this hub\n"


def test_an_application_id_of_two_senders_names_both_cases(hub: Hub, store: Fill) -> None:
    other = CaseId(uuid4())
    store(lambda opened: opened.run(lambda connection: insert_case(connection, a_case())))
    another = a_case(other, "alp:000001")
    store(lambda opened: opened.run(lambda connection: insert_case(connection, another)))
    outcome = hub("journey", "AT-2026-000001")
    assert outcome.code == 1
    assert str(CASE) in outcome.err
    assert str(other) in outcome.err


def test_a_ledger_that_balances(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(a_submission_under_way))
    outcome = hub("ledger")
    assert outcome.code == 0
    assert ["2026-11-02", "990001", "to", "authority", "1", "0", "1", "0", "0", "0"] in [
        line.split() for line in outcome.out.splitlines()
    ]
    assert outcome.out.endswith("Refused at the door: 0.\nThe ledger balances.\n")


def test_a_ledger_that_does_not_balance_fails_and_names_the_message(
    hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "CONNECT_SECONDS", 0.3)  # only the store is asked
    unseen = MessageUuid(uuid4())
    store(lambda opened: opened.run(a_submission_under_way))
    store(lambda opened: opened.run(lambda c: insert_message(c, a_message(unseen, State.OWED))))
    assert hub("ledger").err == "The ledger does not balance.\n"
    outcome = hub("ledger", "--explain")
    assert outcome.code == 1
    assert f"\nmessage {unseen} is owed, but the journal does not know" in outcome.err
    assert json.loads(hub("ledger", "--json").out)["totals"]["owed"] == 2
