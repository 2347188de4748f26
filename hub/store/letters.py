"""The local mailbox's letters: sealed, found by case or by a hash of the applicant's account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import tables

__all__ = ["StoredLetter", "letters", "put_letter", "set_letter_read"]


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter as it lies there; `at` is the time of provision (OZG § 9).

    `read_at`: when its reader opened it first; None if they never did.
    """

    id: MessageUuid
    case: CaseId
    at: datetime
    sealed: bytes
    read_at: datetime | None = None


def put_letter(
    connection: Connection,
    id: MessageUuid,  # noqa: A002 - an id is called id
    case: CaseId,
    account_hash: str,
    at: datetime,
    sealed: bytes,
) -> datetime:
    """Provide a letter once; gives the time at which it was first provided."""
    values = {"id": id, "case_id": case, "account_hash": account_hash, "at": at, "sealed": sealed}
    if connection.execute(_PUT, values).rowcount == 1:
        return at
    provided_at: datetime = connection.execute(_PROVIDED_AT, {"id": id}).scalar_one()
    return provided_at


def set_letter_read(connection: Connection, letter: MessageUuid, at: datetime) -> bool:
    """Its reader has opened it; False if they had before, which stays as it was."""
    return connection.execute(_SET_READ, {"letter": letter, "now": at}).rowcount == 1


def letters(
    connection: Connection, case: CaseId | None = None, account_hash: str | None = None
) -> list[StoredLetter]:
    """The letters of a case, of an account, or of both at once, the oldest first.

    Raises:
        ValueError: neither is named; nobody reads everybody's letters.
    """
    if case is None and account_hash is None:
        raise ValueError("letters are read by case or by account")
    query = _LETTERS
    if case is not None:
        query = query.where(_TABLE.c.case_id == case)
    if account_hash is not None:
        query = query.where(_TABLE.c.account_hash == account_hash)
    return [StoredLetter(*row) for row in connection.execute(query)]


_TABLE: Final = tables.letters
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_PUT: Final = (
    insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["id"])
    .execution_options(preserve_rowcount=True)  # else not known after an INSERT
)
_PROVIDED_AT: Final = select(_TABLE.c.at).where(_TABLE.c.id == bindparam("id"))
_SET_READ: Final = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("letter"), _TABLE.c.read_at.is_(None))
    .values(read_at=bindparam("now"))
)
_LETTERS: Final = select(
    _TABLE.c.id, _TABLE.c.case_id, _TABLE.c.at, _TABLE.c.sealed, _TABLE.c.read_at
).order_by(_TABLE.c.at, _TABLE.c.id)
