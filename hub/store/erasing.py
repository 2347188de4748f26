"""Takes out of the tables whatever was said in a case, and leaves what proves that it was there.

What stays are ids, times, states and causes: the rows that journal and ledger speak of. Nothing
here decides whether a case may be erased; `hub.stages.erasure` does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Delete, Update, bindparam, delete, select, update

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import tables
from hub.store.columns import UtcMicroseconds
from hub.store.edits import overtake_edit
from hub.store.tables import State

__all__ = [
    "SealedLetter",
    "at_work",
    "cases_erased_since",
    "dead_letters_without_case",
    "erase_case",
    "erase_dead_letters",
]


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """A dead letter that belongs to no case as far as its row says. `content` may tell."""

    id: UUID
    is_open: bool
    correlation: str | None
    content: bytes


def at_work(connection: Connection, case: CaseId, now: datetime) -> list[MessageUuid]:
    """The messages of a case that somebody is at; until the unit ends, nobody takes another."""
    leases = connection.execute(_LEASES, {"case": case}).all()
    return [
        row.id
        for row in leases
        if row.state is State.OWED and row.leased_until is not None and row.leased_until > now
    ]


def dead_letters_without_case(
    connection: Connection, after: UUID | None, limit: int
) -> list[SealedLetter]:
    """Up to `limit` dead letters of no known case that still have their content."""
    query = _WITHOUT_CASE.limit(limit)
    if after is not None:
        query = query.where(_dead.c.id > after)
    return [
        SealedLetter(row.id, row.state == "open", row.correlation, row.content)
        for row in connection.execute(query)
    ]


def erase_dead_letters(connection: Connection, ids: Collection[UUID], at: datetime) -> None:
    """Take out what lies with these dead letters and whatever was proposed instead of it."""
    for id_ in ids:
        overtake_edit(connection, id_, at)
        connection.execute(_ERASE_EDITS, {"of": id_})
        connection.execute(_ERASE_DEAD_LETTER, {"of": id_})


def erase_case(connection: Connection, case: CaseId, at: datetime) -> None:
    """Take out everything that was said in a case, its letters and whom they went to.

    The case keeps the time at which it was erased first. It has no way back to its applicant any
    more. Doing it again takes out what came meanwhile.
    """
    letters = connection.execute(_DEAD_LETTERS_OF, {"case": case}).scalars().all()
    erase_dead_letters(connection, letters, at)
    for statement in _OF_A_CASE:
        connection.execute(statement, {"case": case})
    connection.execute(_MARK, {"case": case, "now": at})


def cases_erased_since(connection: Connection, since: datetime) -> list[CaseId]:
    """The cases that were erased at that time or later."""
    return list(connection.execute(_ERASED_SINCE, {"since": since}).scalars())


_messages: Final = tables.messages
_dead: Final = tables.dead_letters
_NO_HASH: Final = "0" * 64
"""Instead of the hash of what is gone, by which a guess at it could be proven right."""

_LEASES: Final = (
    select(_messages.c.id, _messages.c.state, _messages.c.leased_until)
    .where(_messages.c.case_id == bindparam("case"))
    .order_by(_messages.c.id)
    .with_for_update()
)
_WITHOUT_CASE: Final = (
    select(_dead.c.id, _dead.c.state, _dead.c.correlation, _dead.c.content)
    .where(_dead.c.case_id.is_(None), _dead.c.content.is_not(None))
    .order_by(_dead.c.id)
)
_DEAD_LETTERS_OF: Final = select(_dead.c.id).where(_dead.c.case_id == bindparam("case"))
_ERASE_EDITS: Final = (
    update(tables.edits)
    .where(tables.edits.c.letter == bindparam("of"))
    .values(content=None, sha256=_NO_HASH)
)
_ERASE_DEAD_LETTER: Final = (
    update(_dead)
    .where(_dead.c.id == bindparam("of"))
    .values(
        content=None,
        sentence="It was erased.",
        location=None,
        origin={},
        correlation=None,
        reply_to=None,
        refusal_due_at=None,
    )
)
_ids_of_the_case: Final = select(_messages.c.id).where(_messages.c.case_id == bindparam("case"))
_OF_A_CASE: Final[tuple[Update | Delete, ...]] = (
    delete(tables.steps).where(tables.steps.c.message.in_(_ids_of_the_case)),
    update(_messages)
    .where(_messages.c.case_id == bindparam("case"))
    .values(content=None, content_until=None, digest=_NO_HASH, deadline=None),
    delete(tables.letters).where(tables.letters.c.case_id == bindparam("case")),
    delete(tables.sendings).where(tables.sendings.c.case_id == bindparam("case")),
    update(tables.cases)
    .where(tables.cases.c.id == bindparam("case"))
    .values(profile=b"", provider=None, back_channel=False),
)
_MARK: Final = (
    update(tables.cases)
    .where(tables.cases.c.id == bindparam("case"), tables.cases.c.erased_at.is_(None))
    .values(erased_at=bindparam("now", type_=UtcMicroseconds))
)
_ERASED_SINCE: Final[Any] = select(tables.cases.c.id).where(
    tables.cases.c.erased_at >= bindparam("since")
)
