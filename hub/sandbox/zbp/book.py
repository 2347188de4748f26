"""The simulated ZBP's own book: which letters lie in which mailbox, since when, in which order."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

__all__ = ["Book", "Document", "Entry"]

_TABLES: Final = """
create table if not exists letters (
    position integer primary key,
    id text not null unique,
    reference text unique,
    mailbox text not null,
    content text not null,
    provided_at text not null,
    times integer not null default 1,
    other_contents integer not null default 0
);
create table if not exists documents (
    letter integer not null,
    position integer not null,
    filename text not null,
    sha512sum text not null,
    content blob not null,
    primary key (letter, position)
);
create table if not exists states (
    position integer primary key,
    application text not null,
    status text not null,
    content text not null,
    received_at text not null
);
create table if not exists refusals (
    code text primary key,
    times integer not null
);
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it arrived; its hash was found to be true."""

    filename: str
    sha512sum: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What is answered about a letter: the same for as often as it comes."""

    id: str
    provided_at: str


class Book:
    """One SQLite file. Thread-safe; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # WAL keeps every commit through the end of this process, which is what is tried here.
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def provide(self, message: dict[str, Any], documents: Sequence[Document]) -> Entry:
        """Put a letter into its mailbox; one with a known reference is only counted."""
        content = json.dumps(message, sort_keys=True)
        with self._lock, self._connection as connection:
            connection.execute(
                "update letters set times = times + 1,"
                " other_contents = other_contents + (content <> ?) where reference = ?",
                (content, message.get("reference")),
            )
            connection.execute(
                "insert or ignore into letters (id, reference, mailbox, content, provided_at)"
                " select ?, ?, ?, ?, ?"
                " where not exists (select 1 from letters where reference = ?)",
                (
                    id_ := str(uuid4()),
                    message.get("reference"),
                    message["mailboxUuid"],
                    content,
                    _now(),
                    message.get("reference"),
                ),
            )
            row = connection.execute(
                "select position, id, provided_at from letters where id = ? or reference = ?",
                (id_, message.get("reference")),
            ).fetchone()
            connection.executemany(
                "insert or ignore into documents values (?, ?, ?, ?, ?)",
                [
                    (row["position"], number, each.filename, each.sha512sum, each.content)
                    for number, each in enumerate(documents)
                ],
            )
        return Entry(row["id"], row["provided_at"])

    def status_of(self, application: str) -> str | None:
        """The last status of an application, None before the first."""
        with self._lock, self._connection as connection:
            row = connection.execute(
                "select status from states where application = ? order by position desc limit 1",
                (application,),
            ).fetchone()
        return None if row is None else str(row["status"])

    def set_status(self, state: dict[str, Any]) -> None:
        """Set an application's status."""
        with self._lock, self._connection as connection:
            connection.execute(
                "insert into states (application, status, content, received_at)"
                " values (?, ?, ?, ?)",
                (state["applicationId"], state["status"], json.dumps(state), _now()),
            )

    def refused(self, code: str) -> None:
        """Count a refusal."""
        with self._lock, self._connection as connection:
            connection.execute(
                "insert into refusals values (?, 1)"
                " on conflict (code) do update set times = times + 1",
                (code,),
            )

    def documents_of(self, reference: str) -> list[Document]:
        """The documents of the letter with that reference, in their order."""
        with self._lock, self._connection as connection:
            rows = connection.execute(
                "select filename, sha512sum, documents.content from documents"
                " join letters on letters.position = documents.letter"
                " where reference = ? order by documents.position",
                (reference,),
            ).fetchall()
        return [Document(*row) for row in rows]

    def as_json(self) -> dict[str, Any]:
        """Letters in the order of their provision, statuses in theirs, and counts of refusals."""
        with self._lock, self._connection as connection:
            letters = connection.execute("select * from letters order by position").fetchall()
            states = connection.execute("select * from states order by position").fetchall()
            refusals = connection.execute("select * from refusals").fetchall()
        return {
            "letters": [
                {
                    "mailbox": row["mailbox"],
                    "provided_at": row["provided_at"],
                    "times": row["times"],
                    "other_contents": row["other_contents"],
                    "message": json.loads(row["content"]),
                }
                for row in letters
            ],
            "states": [
                {"received_at": row["received_at"], "state": json.loads(row["content"])}
                for row in states
            ],
            "refusals": {row["code"]: row["times"] for row in refusals},
        }


def _now() -> str:
    return datetime.now(UTC).isoformat()
