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

from sqlalchemy import Connection, LargeBinary, Update, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import tables
from hub.store.columns import UtcMicroseconds
from hub.store.edits import overtake_edit

__all__ = [
    "DEAD_LETTER_COLUMNS",
    "DeadLetter",
    "DeadLetterState",
    "NewDeadLetter",
    "bury",
    "count_replay",
    "dead_letter_by_id",
    "dead_letter_of_correlation",
    "dead_letters",
    "dead_letters_of",
    "discard",
    "refusal_failed",
    "refusal_sent",
    "refusals_owed",
    "replay_passed",
    "set_replayed",
]

DeadLetterState = Literal["open", "replayed", "discarded"]


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """A message that can never pass as it is.

    `content` is sealed, and only there if no message row has it; `origin` says where it came
    from (exchange, key, type, content type …), without personal data; `reply_to` is set if the
    sender is to be told. `kind`: of the message, as far as it is known.
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
    kind: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter(NewDeadLetter):
    """A dead letter, what was decided about it, and whether its sender was told.

    `replays`: how often it was replayed. `passed_at`: when a replay was taken in, of what has no
    row of its own that would tell.
    """

    state: DeadLetterState
    reason: str | None
    decided_at: datetime | None
    refusal_sent_at: datetime | None
    refusal_attempts: int
    replays: int
    passed_at: datetime | None


def bury(connection: Connection, dead: NewDeadLetter) -> bool:
    """Keep a dead letter; False if one with its id was there already.

    That one is open again then, with the cause of its latest death: it was replayed, or sent
    again. Its sender has been told before.
    """
    if connection.execute(_BURY, _values(dead)).rowcount == 1:
        return True
    connection.execute(_REOPEN, {f"new_{name}": getattr(dead, name) for name in _OF_A_DEATH})
    overtake_edit(connection, dead.id, dead.at)
    return False


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


def discard(connection: Connection, id: UUID, reason: str, at: datetime) -> bool:
    """A person decided that it is not needed, and says why; False if it is not open.

    What lay with it is deleted: it serves nobody any more.
    """
    parameters = {"letter": id, "why": reason, "when": at}
    return _decide(connection, _DISCARD, parameters)


def count_replay(connection: Connection, id: UUID) -> None:
    """A replay is about to be tried."""
    connection.execute(_COUNT, {"letter": id})


def set_replayed(connection: Connection, letter: NewDeadLetter, at: datetime) -> bool:
    """Its message was sent on its way again; False if it is not open, or died again meanwhile."""
    parameters = {"letter": letter.id, "died": letter.at, "when": at}
    return _decide(connection, _REPLAYED, parameters)


def replay_passed(connection: Connection, id: UUID, died_at: datetime, at: datetime) -> bool:
    """What had died then was replayed and taken in; False if it died again.

    What lay with it is deleted: it lies with the message now.
    """
    parameters = {"letter": id, "died": died_at, "when": at}
    return _decide(connection, _PASSED, parameters)


_TABLE: Final = tables.dead_letters
DEAD_LETTER_COLUMNS: Final = tuple(
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
    select(*DEAD_LETTER_COLUMNS)
    .where(_TABLE.c.state == bindparam("state"))
    .order_by(_TABLE.c.at.desc(), _TABLE.c.id)
    .limit(bindparam("most"))
)
_BY_ID: Final = select(*DEAD_LETTER_COLUMNS).where(_TABLE.c.id == bindparam("id"))
_OF_CASE: Final = (
    select(*DEAD_LETTER_COLUMNS).where(_TABLE.c.case_id == bindparam("case")).order_by(_TABLE.c.at)
)
_OF_CORRELATION: Final = (
    select(*DEAD_LETTER_COLUMNS)
    .where(_TABLE.c.correlation == bindparam("correlation"))
    .order_by(_TABLE.c.at.desc())
    .limit(1)
)
_REFUSALS: Final = (
    select(*DEAD_LETTER_COLUMNS)
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
_is_open: Final = _TABLE.c.state == "open"
_same_death: Final = _TABLE.c.at == bindparam("died")
_decided_at: Final = bindparam("when", type_=UtcMicroseconds)
_DISCARD: Final = (
    update(_TABLE)
    .where(_the_letter, _is_open)
    .values(state="discarded", reason=bindparam("why"), decided_at=_decided_at, content=None)
)
_COUNT: Final = update(_TABLE).where(_the_letter).values(replays=_TABLE.c.replays + 1)
_REPLAYED: Final = (
    update(_TABLE)
    .where(_the_letter, _is_open, _same_death)
    .values(state="replayed", decided_at=_decided_at)
)
_PASSED: Final = (
    update(_TABLE)
    .where(_the_letter, _same_death)
    .values(
        state="replayed",
        decided_at=func.coalesce(_TABLE.c.decided_at, _decided_at),
        passed_at=_decided_at,
        content=None,
    )
)
_OF_A_DEATH: Final = (
    "id",
    "stage",
    "cause",
    "sentence",
    "location",
    "fingerprint",
    "at",
    "content",
)
_REOPEN: Final = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("new_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in _OF_A_DEATH[1:-1]}
        | {
            "content": func.coalesce(_TABLE.c.content, bindparam("new_content", type_=LargeBinary)),
            "state": "open",
            "reason": None,
            "decided_at": None,
            "passed_at": None,
        }
    )
)


def _decide(connection: Connection, statement: Update, parameters: Mapping[str, Any]) -> bool:
    """Carry a decision out; what was proposed for the letter has come too late by it."""
    if connection.execute(statement, parameters).rowcount != 1:
        return False
    overtake_edit(connection, parameters["letter"], parameters["when"])
    return True


def _values(dead: NewDeadLetter) -> dict[str, Any]:
    values = {field.name: getattr(dead, field.name) for field in fields(NewDeadLetter)}
    return values | {
        "case_id": values.pop("case"),
        "state": "open",
        "replays": 0,
        "refusal_attempts": 0,
        "refusal_due_at": None if dead.reply_to is None else dead.at,
    }


def _read(rows: Iterable[Iterable[Any]]) -> list[DeadLetter]:
    return [DeadLetter(*row) for row in rows]
