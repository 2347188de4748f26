"""The simulated system's own book: what it received, and what it still has to send.

A proof independent of the hub's store: its own file, written before anything is answered. It
keeps no content of messages, only who, what, when and a hash; of updates it keeps the XML, to be
able to send it again, and of packets the pieces until they are joined.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from hub.sandbox.outgoing import TABLE, Outgoing, outgoing, plan
from hub.sandbox.xauslaender import Announced, Incoming, Packet

__all__ = ["Book", "digest_of"]

_TABLES: Final = """
create table if not exists messages (
    uuid text primary key,
    number text not null,
    system text not null,
    authority text not null,
    application_id text not null,
    back_channel integer not null,
    test integer not null,
    documents integer not null,
    size integer not null,
    digest text not null,
    received_at text not null,
    times integer not null default 1,
    other_contents integer not null default 0,
    announced text,
    complete_at text
);
create table if not exists packets (
    message text not null,
    number integer not null,
    content blob not null,
    primary key (message, number)
);
"""


class Book:
    """One SQLite file. Thread-safe; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # WAL keeps every commit through the end of this process, which is what is tried here.
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_TABLES + TABLE)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def count_again(self, uuid: UUID, digest: str) -> bool:
        """Whether the message is known; if so count that it came once more."""
        with self._lock, self._connection as connection:
            changed = connection.execute(
                "update messages set times = times + 1,"
                " other_contents = other_contents + (digest <> ?) where uuid = ?",
                (digest, str(uuid)),
            )
            return changed.rowcount == 1

    def enter(
        self,
        message: Incoming,
        body: bytes,
        *,
        system: str,
        authority: str,
        updates: Sequence[Outgoing],
    ) -> None:
        """Enter a message for the first time, with the updates that it brings about.

        Where documents are announced the updates are held back until those are there.
        """
        announced = json.dumps(asdict(message.announced)) if message.announced else None
        with self._lock, self._connection as connection:
            connection.execute(
                "insert into messages (uuid, number, system, authority, application_id,"
                " back_channel, test, documents, size, digest, received_at, announced,"
                " complete_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    str(message.uuid), message.number, system, authority, message.application_id,
                    message.back_channel, message.test, message.documents, len(body),
                    digest_of(body), _now(), announced, None if announced else _now(),
                ),
            )  # fmt: skip
            if message.packet is not None:
                connection.execute(
                    "insert or ignore into packets values (?, ?, ?)",
                    (str(message.packet.of), message.packet.number, message.packet.content),
                )
            plan(connection, updates, held=message.announced is not None)

    def owe(self, update: Outgoing) -> None:
        """Enter an update that no taken message brings about, such as a refusal."""
        with self._lock, self._connection as connection:
            plan(connection, (update,), held=False)

    def announced(self, message: UUID) -> Announced | None:
        """What a message said of the packets that follow; None if it said nothing or is unknown."""
        rows = self._rows("select announced from messages where uuid = ?", str(message))
        if not rows or rows[0]["announced"] is None:
            return None
        said = json.loads(rows[0]["announced"])
        return Announced(said["packets"], said["size"], tuple(said["names"]))

    def packets(self, message: UUID) -> dict[int, bytes]:
        """The pieces kept for a message, by number."""
        rows = self._rows("select number, content from packets where message = ?", str(message))
        return {row["number"]: row["content"] for row in rows}

    def keep_packet(self, packet: Packet) -> None:
        """Keep a piece that came without a message of its own."""
        self._change(
            "insert or ignore into packets values (?, ?, ?)",
            str(packet.of),
            packet.number,
            packet.content,
        )

    def is_complete(self, message: UUID) -> bool:
        """Whether the message is there with all its documents."""
        sql = "select 1 from messages where uuid = ? and complete_at is not null"
        return bool(self._rows(sql, str(message)))

    def complete(self, message: UUID, documents: int) -> None:
        """The packets of a message were joined and found good: its updates may go.

        They get new positions: whoever fetches updates by position must not find new ones
        before those that were there already.
        """
        with self._lock, self._connection as connection:
            connection.execute(
                "update messages set complete_at = ?, documents = documents + ? where uuid = ?",
                (_now(), documents, str(message)),
            )
            connection.execute("delete from packets where message = ?", (str(message),))
            held = connection.execute(
                "select uuid from updates where answers = ? and held order by position",
                (str(message),),
            ).fetchall()
            connection.executemany(
                "update updates set held = 0, position = 1 + (select max(position) from updates)"
                " where uuid = ?",
                [(row["uuid"],) for row in held],
            )

    def next_updates(self, limit: int) -> list[Outgoing]:
        """The first unsent update of each of the next applications."""
        rows = self._rows(
            "select *, min(position) from updates where sent_at is null and refused_with is null"
            " and not held"
            " group by application_id order by position limit ?",
            limit,
        )
        return [outgoing(row) for row in rows]

    def owed(self) -> list[Outgoing]:
        """Every unsent update, in order."""
        rows = self._rows(
            "select * from updates where sent_at is null and refused_with is null and not held"
            " order by position"
        )
        return [outgoing(row) for row in rows]

    def updates_after(self, authority: str, position: int, limit: int) -> list[tuple[int, bytes]]:
        """What an authority has for the hub after a position, each with its own."""
        rows = self._rows(
            "select position, body from updates where authority = ? and position > ?"
            " and sent_at is null and not held order by position limit ?",
            authority,
            position,
            limit,
        )
        return [(row["position"], row["body"]) for row in rows]

    def fetched(self, authority: str, position: int) -> None:
        """The hub has fetched an authority's updates up to a position, and has them safe."""
        self._change(
            "update updates set tries = tries + 1, sent_at = ?"
            " where authority = ? and position <= ? and sent_at is null and not held",
            _now(),
            authority,
            position,
        )

    def owe_again(self, uuids: Sequence[UUID]) -> None:
        """The hub has lost updates that it had taken: they go again, behind those not yet sent."""
        with self._lock, self._connection as connection:
            for uuid in uuids:
                connection.execute(
                    "update updates set sent_at = null,"
                    " position = 1 + (select max(position) from updates)"
                    " where uuid = ? and sent_at is not null",
                    (str(uuid),),
                )

    def tried(self, uuid: UUID) -> None:
        """The hub was away or said later."""
        self._change("update updates set tries = tries + 1 where uuid = ?", str(uuid))

    def sent(self, uuid: UUID) -> None:
        """The hub has taken the update."""
        self._change(
            "update updates set tries = tries + 1, sent_at = ? where uuid = ?",
            _now(),
            str(uuid),
        )

    def refused(self, uuid: UUID, status: int) -> None:
        """The hub will never take the update."""
        self._change(
            "update updates set tries = tries + 1, refused_with = ? where uuid = ?",
            status,
            str(uuid),
        )

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the book, without contents, in the order in which it came."""
        messages = self._rows("select * from messages order by rowid")
        updates = self._rows(
            "select position, uuid, application_id, authority, kind, status, answers, tries,"
            " sent_at, refused_with from updates order by position"
        )
        return {"messages": [dict(row) for row in messages], "updates": [dict(u) for u in updates]}

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock, closing(self._connection.execute(sql, values)) as cursor:
            return cursor.fetchall()

    def _change(self, sql: str, *values: object) -> None:
        with self._lock, self._connection as connection:
            connection.execute(sql, values)


def digest_of(body: bytes) -> str:
    """The hash by which two bodies are told apart."""
    return hashlib.sha256(body).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
