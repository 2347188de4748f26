"""Dead letters: what the hub gave up on, kept until a person decides.

The sender is told where it asked for that; the telling is owed like anything else, with
attempts and a next try.
"""
# ruff: noqa: A002 - an id is called id

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import tables

__all__ = [
    "DeadLetter",
    "DeadLetterState",
    "NewDeadLetter",
    "bury",
    "dead_letter_by_id",
    "dead_letter_of_correlation",
    "dead_letters",
    "dead_letters_of",
    "discard",
    "refusal_failed",
    "refusal_sent",
    "refusals_owed",
    "set_replayed",
]

DeadLetterState = Literal["open", "replayed", "discarded"]


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """A message that can never pass as it is.

    `content` is sealed, and only there if no message row has it; `origin` says where it came
    from (exchange, key, type, content type), without personal data; `reply_to` is set if the
    sender is to be told.
    """

    id: UUID
    message: MessageUuid | None
    case: CaseId | None
    authority: str | None
    stage: str
    cause: str
    sentence: str
    location: str | None
    fingerprint: str
    at: datetime
    content: bytes | None
    origin: Mapping[str, str]
    reply_to: str | None
    correlation: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter(NewDeadLetter):
    """A dead letter, what was decided about it, and whether its sender was told."""

    state: DeadLetterState
    reason: str | None
    decided_at: datetime | None
    refusal_sent_at: datetime | None
    refusal_attempts: int


def bury(connection: Connection, dead: NewDeadLetter) -> bool:
    """Keep a dead letter; False if one with its id is there already."""
    return connection.execute(_BURY, _values(dead)).rowcount == 1


def dead_letters(
    connection: Connection, *, state: DeadLetterState = "open", limit: int = 1000
) -> list[DeadLetter]:
    """Dead letters in one state, the newest first."""
    return _read(connection.execute(_IN_STATE, {"state": state, "most": limit}))


def dead_letter_by_id(connection: Connection, id: UUID) -> DeadLetter | None:
    """The dead letter, if there is one."""
    found = _read(connection.execute(_BY_ID, {"id": id}))
    return found[0] if found else None


def dead_letters_of(connection: Connection, case: CaseId) -> list[DeadLetter]:
    """The dead letters of a case, whatever was decided about them, the oldest first."""
    return _read(connection.execute(_OF_CASE, {"case": case}))


def dead_letter_of_correlation(connection: Connection, correlation: str) -> DeadLetter | None:
    """The newest dead letter of what was sent under that correlation id, if there is one."""
    found = _read(connection.execute(_OF_CORRELATION, {"correlation": correlation}))
    return found[0] if found else None


def refusals_owed(connection: Connection, now: datetime, limit: int) -> list[DeadLetter]:
    """Dead letters whose sender is still to be told and may be tried now."""
    return _read(connection.execute(_REFUSALS, {"now": now, "most": limit}))


def refusal_sent(connection: Connection, id: UUID, at: datetime) -> None:
    """The sender was told."""
    connection.execute(_SENT, {"letter": id, "sent": at})


def refusal_failed(connection: Connection, id: UUID, next_at: datetime | None) -> None:
    """The sender could not be told; None gives up."""
    connection.execute(_FAILED, {"letter": id, "next": next_at})


def discard(connection: Connection, id: UUID, reason: str, at: datetime) -> None:
    """A person decided that it is not needed, and says why. Only an open one can be discarded."""
    _decide(connection, id, "discarded", reason, at)


def set_replayed(connection: Connection, id: UUID, at: datetime) -> None:
    """Its message was sent on its way again. Only an open one can be."""
    _decide(connection, id, "replayed", None, at)


_TABLE: Final = tables.dead_letters
_COLUMNS: Final = tuple(
    _TABLE.c.case_id if field.name == "case" else _TABLE.c[field.name]
    for field in fields(DeadLetter)
)
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_BURY: Final = (
    insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["id"])
    .execution_options(preserve_rowcount=True)  # else not known after an INSERT
)
_IN_STATE: Final = (
    select(*_COLUMNS)
    .where(_TABLE.c.state == bindparam("state"))
    .order_by(_TABLE.c.at.desc(), _TABLE.c.id)
    .limit(bindparam("most"))
)
_BY_ID: Final = select(*_COLUMNS).where(_TABLE.c.id == bindparam("id"))
_OF_CASE: Final = (
    select(*_COLUMNS).where(_TABLE.c.case_id == bindparam("case")).order_by(_TABLE.c.at)
)
_OF_CORRELATION: Final = (
    select(*_COLUMNS)
    .where(_TABLE.c.correlation == bindparam("correlation"))
    .order_by(_TABLE.c.at.desc())
    .limit(1)
)
_REFUSALS: Final = (
    select(*_COLUMNS)
    .where(_TABLE.c.refusal_due_at <= bindparam("now"))
    .order_by(_TABLE.c.refusal_due_at)
    .limit(bindparam("most"))
)
_the_letter: Final = _TABLE.c.id == bindparam("letter")
_attempted: Final = _TABLE.c.refusal_attempts + 1
_SENT: Final = (
    update(_TABLE)
    .where(_the_letter)
    .values(refusal_sent_at=bindparam("sent"), refusal_due_at=None, refusal_attempts=_attempted)
)
_FAILED: Final = (
    update(_TABLE)
    .where(_the_letter)
    .values(refusal_due_at=bindparam("next"), refusal_attempts=_attempted)
)
_DECIDE: Final = (
    update(_TABLE)
    .where(_the_letter, _TABLE.c.state == "open")
    .values(state=bindparam("decision"), reason=bindparam("why"), decided_at=bindparam("when"))
)


def _values(dead: NewDeadLetter) -> dict[str, Any]:
    values = {field.name: getattr(dead, field.name) for field in fields(NewDeadLetter)}
    return values | {
        "case_id": values.pop("case"),
        "state": "open",
        "refusal_attempts": 0,
        "refusal_due_at": None if dead.reply_to is None else dead.at,
    }


def _read(rows: Iterable[Iterable[Any]]) -> list[DeadLetter]:
    return [DeadLetter(*row) for row in rows]


def _decide(
    connection: Connection, id: UUID, decision: DeadLetterState, reason: str | None, at: datetime
) -> None:
    parameters = {"letter": id, "decision": decision, "why": reason, "when": at}
    connection.execute(_DECIDE, parameters)
