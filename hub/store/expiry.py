"""What has lain long enough and is deleted: contents, letters, at last whole cases.

Nothing is deleted here that somebody still has to act on: not a message that is owed, handed over
or dead, not an open dead letter, and no case with one of them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from hub.model.identifiers import CaseId
from hub.store import tables
from hub.store.cases import lock_case
from hub.store.messages import BLOCKING_STATES

__all__ = [
    "cases_that_served",
    "cases_with_letters_until",
    "delete_cases",
    "delete_letters",
    "forget_content",
    "forget_decided",
    "forget_without_case",
    "has_content",
    "quiet_cases",
]


def cases_that_served(connection: Connection, before: datetime) -> list[CaseId]:
    """Cases of which the last content may be forgotten by `before`, and so their documents."""
    return _each_once(connection.execute(_SERVED, {"before": before}).scalars())


def forget_content(connection: Connection, before: datetime, but: Collection[CaseId] = ()) -> int:
    """Delete the content of finished messages whose retention ended by `before`; says how many.

    Except in the cases `but`.
    """
    return connection.execute(_FORGET, {"before": before, "but": list(but)}).rowcount


def cases_with_letters_until(connection: Connection, until: datetime) -> list[CaseId]:
    """The cases that have letters which were provided by `until`."""
    return _each_once(connection.execute(_OLD_LETTERS, {"until": until}).scalars())


def has_content(connection: Connection, case: CaseId) -> bool:
    """Whether any message of the case still has its content."""
    return bool(connection.execute(_HAS_CONTENT, {"case": case}).scalar_one())


def delete_letters(connection: Connection, case: CaseId, until: datetime) -> None:
    """Delete the letters of a case that were provided by `until`."""
    connection.execute(_DELETE_LETTERS, {"case": case, "until": until})


def forget_decided(connection: Connection, until: datetime) -> None:
    """Delete what lies with dead letters that were decided by `until`, and never passed since."""
    connection.execute(_FORGET_DECIDED, {"until": until})


def quiet_cases(connection: Connection, until: datetime, limit: int) -> list[CaseId]:
    """Up to `limit` cases in which nothing has happened since `until`, nor anything can happen.

    They have neither content nor letters nor anything that somebody has to act on.
    """
    return list(connection.execute(_QUIET.limit(limit), {"until": until}).scalars())


def delete_cases(connection: Connection, cases: Sequence[CaseId], until: datetime) -> None:
    """Delete all that is known of cases, journal included: the ledger never heard of them then.

    But of none in which something has happened since `until`: it may have come after they were
    found quiet, and is somebody's to act on.
    """
    for case in cases:
        lock_case(connection, case)
    quiet = connection.execute(_STILL_QUIET, {"until": until, "those": list(cases)}).scalars().all()
    for case in quiet:
        for statement in _OF_A_CASE:
            connection.execute(statement, {"case": case})


def forget_without_case(connection: Connection, until: datetime) -> None:
    """Delete dead letters of no case that were decided by `until`, and what the journal says."""
    for statement in _WITHOUT_CASE:
        connection.execute(statement, {"until": until})


_cases, _messages, _events = tables.cases, tables.messages, tables.events
_dead, _edits, _letters = tables.dead_letters, tables.edits, tables.letters
_is_open: Final = _dead.c.state == literal_column("'open'")

_still_kept: Final = _messages.alias("still_kept")
_SERVED: Final = select(_messages.c.case_id).where(
    _messages.c.content_until <= bindparam("before"),
    ~select(_still_kept.c.id)
    .where(
        _still_kept.c.case_id == _messages.c.case_id,
        _still_kept.c.content.is_not(None),
        or_(
            _still_kept.c.content_until.is_(None),
            _still_kept.c.content_until > bindparam("before"),
        ),
    )
    .exists(),
)
_FORGET: Final = (
    update(_messages)
    .where(
        _messages.c.content_until <= bindparam("before"),
        _messages.c.state.not_in(BLOCKING_STATES),
        _messages.c.case_id.not_in(bindparam("but", expanding=True)),
    )
    .values(content=None, content_until=None)
)
_OLD_LETTERS: Final = select(_letters.c.case_id).where(_letters.c.at <= bindparam("until"))
_HAS_CONTENT: Final = select(
    exists().where(_messages.c.case_id == bindparam("case"), _messages.c.content.is_not(None))
)
_DELETE_LETTERS: Final = delete(_letters).where(
    _letters.c.case_id == bindparam("case"), _letters.c.at <= bindparam("until")
)
_FORGET_DECIDED: Final = (
    update(_dead)
    .where(
        _dead.c.state.in_([literal_column("'replayed'"), literal_column("'discarded'")]),
        _dead.c.decided_at <= bindparam("until"),
        _dead.c.content.is_not(None),
    )
    .values(content=None)
)


def _each_once(cases: Iterable[CaseId]) -> list[CaseId]:
    # Not by DISTINCT: for that SQLite goes through all there are case by case, instead of those
    # whose time is over.
    return list(dict.fromkeys(cases))


def _of_the_case(table: Any) -> Any:
    return table.c.case_id == _cases.c.id


_QUIET: Final = (
    select(_cases.c.id)
    .where(
        _cases.c.created_at <= bindparam("until"),
        ~exists().where(_of_the_case(_events), _events.c.at > bindparam("until")),
        ~exists().where(
            _of_the_case(_messages),
            or_(_messages.c.state.in_(BLOCKING_STATES), _messages.c.content.is_not(None)),
        ),
        ~exists().where(_of_the_case(_dead), _is_open),
        ~exists().where(_of_the_case(_letters)),
    )
    .order_by(_cases.c.created_at)
)
_STILL_QUIET: Final = _QUIET.where(_cases.c.id.in_(bindparam("those", expanding=True)))
_dead_of_the_case: Final = select(_dead.c.id).where(_dead.c.case_id == bindparam("case"))
_messages_of_the_case: Final = select(_messages.c.id).where(
    _messages.c.case_id == bindparam("case")
)
_OF_A_CASE: Final = (
    delete(_edits).where(_edits.c.letter.in_(_dead_of_the_case)),
    delete(_dead).where(_dead.c.case_id == bindparam("case")),
    delete(tables.steps).where(tables.steps.c.message.in_(_messages_of_the_case)),
    delete(_messages).where(_messages.c.case_id == bindparam("case")),
    delete(tables.sendings).where(tables.sendings.c.case_id == bindparam("case")),
    delete(_events).where(_events.c.case_id == bindparam("case")),
    delete(_cases).where(_cases.c.id == bindparam("case")),
)
_forgotten: Final = and_(
    _dead.c.case_id.is_(None), ~_is_open, _dead.c.decided_at <= bindparam("until")
)
_WITHOUT_CASE: Final = (
    delete(_edits).where(_edits.c.letter.in_(select(_dead.c.id).where(_forgotten))),
    delete(_dead).where(_forgotten),
    delete(_events).where(_events.c.case_id.is_(None), _events.c.at <= bindparam("until")),
)
