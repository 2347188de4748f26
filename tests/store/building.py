"""Builders: whatever a test does not care about has a plain value."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import (
    Case,
    Claimed,
    Connection,
    Event,
    NewDeadLetter,
    NewMessage,
    State,
    claim,
    insert_case,
    insert_message,
    postpone,
    record,
)

NOW = datetime(2026, 11, 2, 9, 30, 15, 123456, tzinfo=UTC)
LEASE = timedelta(minutes=5)
AGAIN = timedelta(minutes=10)


def a_case(**values: Any) -> Case:
    plain: Mapping[str, Any] = {
        "id": CaseId(uuid4()),
        "application_id": "4711-A",
        "service": "employment",
        "authority": "990001",
        "sender": "alp:000001",
        "provider": "local",
        "back_channel": True,
        "test": False,
        "created_at": NOW,
        "state": "submitted",
        "profile": b"sealed",
    }
    return Case(**{**plain, **values})


def a_message(case: Case, **values: Any) -> NewMessage:
    id = MessageUuid(uuid4())  # noqa: A001 - an id is called id
    plain: Mapping[str, Any] = {
        "id": id,
        "case": case.id,
        "direction": "down",
        "kind": "submission",
        "authority": case.authority,
        "wire": id,
        "answers": None,
        "state": State.OWED,
        "owes": "deliver",
        "provider": None,
        "content": b"sealed",
        "digest": "0" * 64,
        "trace": "00-trace",
        "created_at": NOW,
        "due_at": NOW,
        "deadline": None,
    }
    return NewMessage(**{**plain, **values})


def an_update(case: Case, **values: Any) -> NewMessage:
    up = {"direction": "up", "kind": "status", "owes": "mail", "provider": case.provider}
    return a_message(case, **{**up, **values})


def a_dead_letter(**values: Any) -> NewDeadLetter:
    plain: Mapping[str, Any] = {
        "id": uuid4(),
        "message": None,
        "case": None,
        "authority": None,
        "stage": "intake",
        "cause": "X000",
        "sentence": "It is not JSON.",
        "location": "line 1",
        "fingerprint": "X000 intake",
        "at": NOW,
        "content": b"sealed",
        "origin": {"exchange": "hub.submissions", "key": "employment.990001"},
        "reply_to": None,
        "correlation": None,
        "kind": "submission",
    }
    return NewDeadLetter(**{**plain, **values})


def put(connection: Connection, case: Case, *messages: NewMessage) -> None:
    """Insert a case with messages, as the stages do: each with its entry in the journal."""
    insert_case(connection, case)
    for message in messages:
        insert_message(connection, message)
        enter(connection, message)


def put_postponed(
    connection: Connection, case: Case, *messages: NewMessage, until: datetime
) -> None:
    """The same, and the first of them was tried once in vain."""
    put(connection, case, *messages)
    assert isinstance(claim(connection, messages[0].id, "one", NOW, LEASE), Claimed)
    postpone(connection, messages[0].id, due_at=until, cause="endpoint.busy")


def enter(connection: Connection, message: NewMessage) -> None:
    entry = "received" if message.direction == "down" else "interpreted"
    tell(connection, message, entry)


def tell(connection: Connection, message: NewMessage, name: str) -> None:
    record(
        connection,
        Event(message.case, message.id, NOW, name, "test", authority=message.authority),
    )
