"""Cases: the thread of all messages about one submission."""
# ruff: noqa: A002 - an id is called id

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.model.details import Service
from hub.model.identifiers import CaseId, MessageUuid
from hub.store.prepared import Prepared
from hub.store.tables import cases, messages

__all__ = [
    "Case",
    "case_by_id",
    "cases_of_application",
    "insert_case",
    "lock_case",
    "lock_case_of",
    "move_case",
    "set_case_state",
]


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `sender` is a directory key; `profile` is sealed.

    `state` is its phase (`hub.model.conversation`). `provider` is the mailbox provider of the
    applicant, None where there is none. `erased_at`: since when nothing of it is kept.
    """

    id: CaseId
    application_id: str
    service: Service
    authority: str
    sender: str
    provider: str | None
    back_channel: bool
    test: bool
    created_at: datetime
    state: str
    profile: bytes
    erased_at: datetime | None = None


def insert_case(connection: Connection, case: Case) -> bool:
    """Begin a case; False if it has begun already."""
    return _INSERT.count(connection, _values(case)) == 1


def case_by_id(connection: Connection, id: CaseId) -> Case | None:
    """The case, if there is one."""
    row = _BY_ID.row(connection, {"id": id})
    return None if row is None else Case(*row)


def cases_of_application(connection: Connection, application_id: str) -> list[Case]:
    """The cases of an application id, which is unique within its sender only."""
    return [
        Case(*row) for row in connection.execute(_OF_APPLICATION, {"application": application_id})
    ]


def set_case_state(connection: Connection, id: CaseId, state: str) -> None:
    """Keep the phase of a case."""
    _SET_STATE.count(connection, {"case": id, "new_state": state})


def move_case(connection: Connection, id: CaseId, authority: str, *, back_channel: bool) -> None:
    """Give a case to another authority, from which answers may or may not go up."""
    connection.execute(_MOVE, {"case": id, "to": authority, "answers": back_channel})


def lock_case(connection: Connection, id: CaseId) -> None:
    """Until the transaction ends, no other may change the order of this case's messages.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        _LOCK.rows(connection, {"id": id})


def lock_case_of(connection: Connection, message: MessageUuid) -> None:
    """The same, for the case of a message."""
    if connection.dialect.name == "postgresql":
        _LOCK_OF.rows(connection, {"message": message})


# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_INSERT: Final = Prepared(
    insert(cases)
    .values({each.name: bindparam(each.name) for each in cases.c})
    .on_conflict_do_nothing(index_elements=["id"])
)
_BY_ID: Final = Prepared(select(cases).where(cases.c.id == bindparam("id")))
_OF_APPLICATION: Final = (
    select(cases)
    .where(cases.c.application_id == bindparam("application"))
    .order_by(cases.c.created_at)
)
_SET_STATE: Final = Prepared(
    update(cases).where(cases.c.id == bindparam("case")).values(state=bindparam("new_state"))
)
_MOVE: Final = (
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(authority=bindparam("to"), back_channel=bindparam("answers"))
)
_LOCK: Final = Prepared(
    select(cases.c.id).where(cases.c.id == bindparam("id")).with_for_update(key_share=True)
)
_LOCK_OF: Final = Prepared(
    select(cases.c.id)
    .where(
        cases.c.id
        == select(messages.c.case_id).where(messages.c.id == bindparam("message")).scalar_subquery()
    )
    .with_for_update(key_share=True)
)


def _values(case: Case) -> Mapping[str, Any]:
    return {name: getattr(case, name) for name in case.__slots__}
