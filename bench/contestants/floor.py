"""The limit for guarantees: the hub's way with nothing on it but what cannot be left out.

Entrance queue → row and journal, sealed, durable → reference in the authority's queue, confirmed →
row read and claimed, durable → translated and validated → POST → accepted, durable. Commits are
shared by whatever waits, as in the hub. It has no order, no second attempt, no lease, knows no
duplicates, asks no table of authorities, and runs the adapter in its own process: whoever keeps a
journal as the hub does, in this language and with these libraries, uses as much.
"""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final
from uuid import UUID

import aio_pika
import aiohttp
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.contestants.pipeline import XML_TYPE, translate
from bench.contestants.place import AMQP_URL, AT_ONCE, SYSTEM_URL
from bench.loop import run
from hub.model.downward import Submission, downward

__all__ = ["ENTRANCE"]

ENTRANCE: Final = "floor"
_QUORUM: Final = {"x-queue-type": "quorum"}
_CIPHER: Final = AESGCM(AESGCM.generate_key(256))
_TABLES: Final = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE messages (id BLOB PRIMARY KEY, state TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, message BLOB NOT NULL, at INTEGER NOT NULL, name TEXT NOT NULL
);
CREATE INDEX events_of_a_message ON events (message);
"""
_Unit = Callable[[sqlite3.Connection], Any]


class _Store:
    """One thread that writes, in groups, what waits at the same time."""

    def __init__(self, file: Path) -> None:
        self._file, self._loop = file, asyncio.get_running_loop()
        self._queue: SimpleQueue[tuple[_Unit, asyncio.Future[Any]]] = SimpleQueue()
        Thread(target=self._work, daemon=True).start()

    def run(self, unit: _Unit) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put((unit, future))
        return future

    def _work(self) -> None:
        connection = sqlite3.connect(self._file, isolation_level=None)
        connection.executescript(_TABLES)
        while True:
            group = [self._queue.get()]
            try:
                while True:
                    group.append(self._queue.get_nowait())
            except Empty:
                pass
            connection.execute("BEGIN IMMEDIATE")
            done = [(future, unit(connection)) for unit, future in group]
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, done)


def _settle(done: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, value in done:
        future.set_result(value)


def _tell(connection: sqlite3.Connection, message: UUID, name: str) -> None:
    connection.execute(
        "INSERT INTO events (message, at, name) VALUES (?, ?, ?)",
        (message.bytes, time.time_ns() // 1000, name),
    )


def _insert(connection: sqlite3.Connection, message: UUID, content: bytes) -> None:
    connection.execute(
        "INSERT INTO messages (id, state, content) VALUES (?, 'owed', ?)", (message.bytes, content)
    )
    _tell(connection, message, "received")


def _claim(connection: sqlite3.Connection, message: UUID) -> bytes:
    claimed = connection.execute(
        "UPDATE messages SET state = 'claimed' WHERE id = ? AND state = 'owed' RETURNING content",
        (message.bytes,),
    ).fetchall()
    _tell(connection, message, "attempt")
    content: bytes = claimed[0][0]
    return content


def _accept(connection: sqlite3.Connection, message: UUID) -> None:
    connection.execute("UPDATE messages SET state = 'accepted' WHERE id = ?", (message.bytes,))
    _tell(connection, message, "accepted")


def _read(body: bytes) -> Submission:
    submission = downward.validate_json(body)
    if not isinstance(submission, Submission):
        raise TypeError("the benchmark sends submissions")
    return submission


async def _floor(folder: Path) -> None:
    store = _Store(folder / "floor.db")
    async with (
        await aio_pika.connect(AMQP_URL) as consuming,
        await aio_pika.connect(AMQP_URL) as publishing,
        aiohttp.ClientSession() as session,
    ):
        out = await publishing.channel(on_return_raises=True)
        queues: dict[str, asyncio.Task[None]] = {}

        async def open_queue(name: str) -> None:
            await (await _queue(consuming, name)).consume(deliver)

        async def take_in(message: AbstractIncomingMessage) -> None:
            submission = _read(message.body)
            nonce = secrets.token_bytes(12)
            sealed = nonce + _CIPHER.encrypt(nonce, message.body, submission.id.bytes)
            await store.run(lambda c: _insert(c, submission.id, sealed))
            queue = f"{ENTRANCE}.{submission.authority}"
            if queue not in queues:
                queues[queue] = asyncio.create_task(open_queue(queue))
            await queues[queue]
            reference = aio_pika.Message(
                json.dumps({"message": str(submission.id)}).encode(),
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await out.default_exchange.publish(reference, queue, mandatory=True)
            await message.ack()

        async def deliver(message: AbstractIncomingMessage) -> None:
            id_ = UUID(json.loads(message.body)["message"])
            sealed = await store.run(lambda c: _claim(c, id_))
            submission = _read(_CIPHER.decrypt(sealed[:12], sealed[12:], id_.bytes))
            for uuid, xml in translate(submission):
                headers = {"Idempotency-Key": uuid, "Content-Type": XML_TYPE}
                url = f"{SYSTEM_URL}/{submission.authority}"
                async with session.post(url, data=xml, headers=headers) as answer:
                    await answer.read()
                    answer.raise_for_status()
            await store.run(lambda c: _accept(c, id_))
            await message.ack()

        await (await _queue(consuming, ENTRANCE)).consume(take_in)
        await asyncio.Event().wait()


async def _queue(connection: aio_pika.abc.AbstractConnection, name: str) -> AbstractQueue:
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=AT_ONCE)
    return await channel.declare_queue(name, durable=True, arguments=dict(_QUORUM))


async def _main() -> None:
    with TemporaryDirectory(prefix="bench-floor-") as folder:
        await _floor(Path(folder))


if __name__ == "__main__":
    run(_main())
