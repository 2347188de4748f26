"""An update that a simulated system owes the hub, and how it lies in the system's book.

Who receives plans updates, who sends holds them in their hands; where one stands, only the book
knows. One is entered once, however often what brings it about comes.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

__all__ = ["TABLE", "Outgoing", "outgoing", "plan"]

TABLE: Final = """
create table if not exists updates (
    position integer primary key,
    uuid text not null unique,
    application_id text not null,
    authority text not null,
    kind text not null,
    status text,
    answers text not null,
    body blob,
    held integer not null default 0,
    tries integer not null default 0,
    sent_at text,
    refused_with integer
);
create index if not exists updates_by_application on updates (application_id, position);
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An update that the hub has to take; those of one application go in order.

    `status` is the code of a status message.
    """

    uuid: UUID
    application_id: str
    authority: str
    kind: str
    answers: UUID
    body: bytes
    status: str | None = None


def plan(connection: sqlite3.Connection, updates: Sequence[Outgoing], *, held: bool) -> None:
    """Enter those that are not there yet, in their order; `held`: none goes before it may."""
    connection.executemany(
        "insert or ignore into updates (uuid, application_id, authority, kind, status, answers,"
        " body, held) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                str(u.uuid), u.application_id, u.authority, u.kind, u.status, str(u.answers),
                u.body, held,
            )
            for u in updates
        ],
    )  # fmt: skip


def outgoing(row: sqlite3.Row) -> Outgoing:
    """The update that lies in a row."""
    return Outgoing(
        uuid=UUID(row["uuid"]),
        application_id=row["application_id"],
        authority=row["authority"],
        kind=row["kind"],
        answers=UUID(row["answers"]),
        body=row["body"],
        status=row["status"],
    )
