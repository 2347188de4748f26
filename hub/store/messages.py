"""Messages: one row each, down or up, that says what came in and where it stands.

Reading and inserting; what happens to a row while it is owed is in `hub.store.owed`. Within a
case and a direction messages have positions, and each waits for the one before it.
"""
# ruff: noqa: A002 - an id is called id

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum, auto
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.cases import lock_case
from hub.store.prepared import Prepared
from hub.store.tables import KNOWN_BY_ANOTHER, State, messages

__all__ = [
    "BLOCKING",
    "BLOCKING_STATES",
    "MESSAGE_COLUMNS",
    "Direction",
    "Inserted",
    "Message",
    "NewMessage",
    "Owes",
    "State",
    "insert_message",
    "is_owed_as",
    "message_by_id",
    "message_by_wire",
    "messages_of",
]

Direction = Literal["down", "up"]
Owes = Literal["deliver", "mail"]

BLOCKING: Final = (State.OWED, State.HANDED_OVER, State.DEAD)
"""States in which a message keeps those behind it waiting. The others are finished."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it came in.

    `wire` is the nachrichtenUUID under which it was received or will be sent, `digest` the
    SHA-256 of what came in, to tell a duplicate from a conflict; `content` is sealed. `said_at`
    is when an update was said, by the authority's own clock.
    """

    id: MessageUuid
    case: CaseId
    direction: Direction
    kind: str
    authority: str
    wire: MessageUuid
    answers: MessageUuid | None
    state: State
    owes: Owes | None
    provider: str | None
    content: bytes | None
    digest: str
    trace: str | None
    created_at: datetime
    due_at: datetime | None
    deadline: date | None
    said_at: datetime | None = None


class Inserted(Enum):
    """What became of a message that was to be inserted."""

    NEW = auto()
    DUPLICATE = auto()  # the same came before
    CONFLICT = auto()  # something else came before under the same id


@dataclass(frozen=True, slots=True)
class Message:
    """A message and where it stands.

    `unexpected` counts attempts that ended in an exception nobody expected. `in_doubt`: an
    attempt began and its end is not known. `owes` stays when nothing is owed any more.
    `content_until`: when the content may be forgotten, None while it is needed.
    """

    id: MessageUuid
    case: CaseId
    direction: Direction
    kind: str
    position: int
    authority: str
    wire: MessageUuid
    answers: MessageUuid | None
    state: State
    owes: Owes | None
    provider: str | None
    waits_for: MessageUuid | None
    attempts: int
    unexpected: int
    due_at: datetime | None
    owed_since: datetime | None
    in_doubt: bool
    content: bytes | None
    digest: str
    trace: str | None
    created_at: datetime
    handed_over_at: datetime | None
    accepted_at: datetime | None
    concluded_at: datetime | None
    cause: str | None
    deadline: date | None
    content_until: datetime | None
    said_at: datetime | None


def insert_message(connection: Connection, message: NewMessage) -> Inserted:
    """Insert a message behind those of its case and direction that came before it.

    An owed message waits for the latest of them that is not finished; one that need not wait
    counts as published, which its caller is to do. Its case must be there.
    """
    lock_case(connection, message.case)  # else two messages could get one position
    statement = _INSERT_OWED if message.state is State.OWED else _INSERT
    if statement.count(connection, _values(message)) == 1:
        return Inserted.NEW
    known = _ORIGIN.row(connection, {"id": message.id})
    same = known == (message.case, message.direction, message.digest)
    return Inserted.DUPLICATE if same else Inserted.CONFLICT


def message_by_id(connection: Connection, id: MessageUuid) -> Message | None:
    """The message, if there is one."""
    return _first(_BY_ID.rows(connection, {"id": id}))


def is_owed_as(connection: Connection, id: MessageUuid, wire: MessageUuid) -> bool:
    """Whether a message is owed, and was not corrected since it went under that nachrichtenUUID."""
    row = _STANDING.row(connection, {"id": id})
    return row is not None and (State(row[0]), row[1]) == (State.OWED, wire)


def message_by_wire(
    connection: Connection, wire: MessageUuid, authority: str, direction: Direction
) -> Message | None:
    """The message that was exchanged with an authority under this nachrichtenUUID.

    One document may have been read into several messages: then the first of them.
    """
    parameters = {"wire": wire, "authority": authority, "direction": direction}
    return _first(_BY_WIRE.rows(connection, parameters))


def messages_of(connection: Connection, case: CaseId) -> list[Message]:
    """Every message of a case, in the order in which they came in."""
    return _read(_OF_CASE.rows(connection, {"case": case}))


_EXPRESSIONS: Final[dict[str, ColumnElement[Any]]] = {
    "case": messages.c.case_id,
    "in_doubt": messages.c.begun > 0,
}
MESSAGE_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = tuple(
    _EXPRESSIONS[field.name] if field.name in _EXPRESSIONS else messages.c[field.name]
    for field in fields(Message)
)
"""What a query selects, or returns, to make a Message of its row."""

_GIVEN: Final = (
    "id", "case_id", "direction", "kind", "authority", "wire", "answers", "state", "owes",
    "provider", "content", "digest", "trace", "created_at", "due_at", "owed_since", "deadline",
    "said_at",
)  # fmt: skip

BLOCKING_STATES: Final[list[ColumnElement[Any]]] = [
    literal_column(f"'{state}'") for state in BLOCKING
]
"""BLOCKING for a condition; parameters would have to be expanded anew at each execution."""

_before: Final = messages.alias("before")
_in_same_line: Final = (
    _before.c.case_id == bindparam("of_case"),
    _before.c.direction == bindparam("of_direction"),
)
_next_position: Final = (
    select(func.coalesce(func.max(_before.c.position), 0) + 1)
    .where(*_in_same_line)
    .scalar_subquery()
)
_last_unfinished: Final = (
    select(_before.c.id)
    .where(*_in_same_line, _before.c.state.in_(BLOCKING_STATES))
    .order_by(_before.c.position.desc())
    .limit(1)
    .scalar_subquery()
)

# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_insert: Final = (
    insert(messages)
    .values({name: bindparam(name) for name in _GIVEN})
    .values(position=_next_position, attempts=0, unexpected=0, begun=0, queued=True)
    .on_conflict_do_nothing(index_elements=["id"])
)
_INSERT: Final = Prepared(_insert)
_INSERT_OWED: Final = Prepared(_insert.values(waits_for=_last_unfinished))
_ORIGIN: Final = Prepared(
    select(messages.c.case_id, messages.c.direction, messages.c.digest).where(
        messages.c.id == bindparam("id")
    )
)
_BY_ID: Final = Prepared(select(*MESSAGE_COLUMNS).where(messages.c.id == bindparam("id")))
_STANDING: Final = Prepared(
    select(messages.c.state, messages.c.wire).where(messages.c.id == bindparam("id"))
)
_BY_WIRE: Final = Prepared(
    select(*MESSAGE_COLUMNS)
    .where(
        # Two conditions, each with an index that it can be found by.
        or_(
            and_(messages.c.id == bindparam("wire"), messages.c.wire == messages.c.id),
            and_(messages.c.wire == bindparam("wire"), text(KNOWN_BY_ANOTHER)),
        ),
        messages.c.authority == bindparam("authority"),
        messages.c.direction == bindparam("direction"),
    )
    .order_by(messages.c.created_at, messages.c.position)
    .limit(1)
)
_OF_CASE: Final = Prepared(
    select(*MESSAGE_COLUMNS)
    .where(messages.c.case_id == bindparam("case"))
    .order_by(messages.c.created_at, messages.c.direction, messages.c.position)
)


def _read(rows: Iterable[Iterable[Any]]) -> list[Message]:
    return [Message(*row) for row in rows]


def _first(rows: Iterable[Iterable[Any]]) -> Message | None:
    return next(iter(_read(rows)), None)


def _values(message: NewMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "case_id": message.case,
        "of_case": message.case,
        "direction": message.direction,
        "of_direction": message.direction,
        "kind": message.kind,
        "authority": message.authority,
        "wire": message.wire,
        "answers": message.answers,
        "state": message.state,
        "owes": message.owes,
        "provider": message.provider,
        "content": message.content,
        "digest": message.digest,
        "trace": message.trace,
        "created_at": message.created_at,
        "due_at": message.due_at,
        "owed_since": message.created_at if message.state is State.OWED else None,
        "deadline": message.deadline,
        "said_at": message.said_at,
    }
