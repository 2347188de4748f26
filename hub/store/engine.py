"""The store: one place that knows what is owed, and commits it before anyone is told.

A unit of work is a plain function of a connection. `run` commits units that wait at the same
time together, each in its own savepoint; `read` runs beside the writers and cannot write.
Opening the store brings its tables up to date first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine

from hub.model.failure import PermanentFailure
from hub.store.away import telling_store_away
from hub.store.compact import compact
from hub.store.connect import READERS, connect, sqlite_file
from hub.store.documents import Documents
from hub.store.migrations import check_up_to_date, migrate
from hub.store.probing import writing
from hub.store.sealer import Sealer
from hub.store.writer import Committed, Writer

__all__ = ["Store", "StoreReader", "open_store", "read_store"]

T = TypeVar("T")


@asynccontextmanager
async def open_store(url: str, documents: Path, sealer: Sealer) -> AsyncIterator["Store"]:
    """Open the store at `url`, migrate it, and close it once everything that waits is committed.

    Args:
        url: `sqlite:///path/hub.db` or `postgresql+psycopg://user@host/database`.
        documents: folder of the documents; made if absent.
        sealer: seals contents and documents.

    Raises:
        ValueError: the URL names another kind of database.
        StoreAway: the database cannot be opened.
        PermanentFailure: `store.newer`: its tables are those of a newer version of the hub.
    """
    engines = connect(url)
    try:
        await asyncio.to_thread(_migrate, engines.writing)
        watchers: list[Callable[[Committed], None]] = []
        writer = Writer(
            engines.writing,
            engines.writers,
            lambda committed: _tell(watchers, committed),
        )
        with ThreadPoolExecutor(READERS, thread_name_prefix="store-reader") as readers:
            try:
                yield Store(
                    writer,
                    engines.writing,
                    engines.reading,
                    readers,
                    Documents(documents, sealer),
                    sealer,
                    watchers,
                )
            finally:
                await writer.close()
    finally:
        engines.dispose()


@asynccontextmanager
async def read_store(url: str, documents: Path, sealer: Sealer) -> AsyncIterator["StoreReader"]:
    """Open the store only to look: nothing is made, migrated or written; a hub may be running.

    Raises:
        ValueError: the URL names another kind of database.
        StoreAway: the database cannot be opened.
        PermanentFailure: it is not there, or its tables are those of another version of the hub.
    """
    for path in (sqlite_file(url), documents):
        if path is not None and not path.exists():
            raise PermanentFailure("store.missing", f"There is no store here: {path} is missing.")
    engines = connect(url)
    try:
        await asyncio.to_thread(_expect_up_to_date, engines.reading)
        with ThreadPoolExecutor(READERS, thread_name_prefix="store-reader") as readers:
            yield StoreReader(engines.reading, readers, Documents(documents, sealer), sealer)
    finally:
        engines.dispose()


class StoreReader:
    """What may be looked at. Made by `read_store`."""

    def __init__(
        self, reading: Engine, readers: ThreadPoolExecutor, documents: Documents, sealer: Sealer
    ) -> None:
        self.documents = documents
        self.sealer = sealer
        self._reading = reading
        self._readers = readers

    async def read(self, unit: Callable[[Connection], T]) -> T:
        """Run `unit` on a connection that cannot write, beside the writers.

        Raises:
            StoreAway: the database cannot be read.
            Exception: whatever the unit raised.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, unit)

    def _read(self, unit: Callable[[Connection], T]) -> T:
        with telling_store_away(), self._reading.connect() as connection:
            return unit(connection)


class Store(StoreReader):
    """What the stages see of the database, the documents and the keys. Made by `open_store`.

    Every commit of this process is told to `watchers`, on the event loop: they count, and
    neither fail nor take long.
    """

    def __init__(
        self,
        writer: Writer,
        writing: Engine,
        reading: Engine,
        readers: ThreadPoolExecutor,
        documents: Documents,
        sealer: Sealer,
        watchers: list[Callable[[Committed], None]],
    ) -> None:
        super().__init__(reading, readers, documents, sealer)
        self.watchers = watchers
        self._writer = writer
        self._writing = writing

    async def run(self, unit: Callable[[Connection], T]) -> T:
        """Run and durably commit `unit`; when this returns, a power cut cannot undo it.

        The unit may run more than once, when other writers hold its locks: it must do nothing
        but read and write through its connection, and neither commit nor roll back.

        Raises:
            StoreAway: the commit was lost; whether it took effect is not known.
            Exception: whatever the unit raised; nothing of it was written.
        """
        outcome = await self._writer.submit(unit)
        if outcome.error is not None:
            raise outcome.error
        return cast("T", outcome.value)

    async def compact(self) -> None:
        """Write the database anew, so that nothing deleted is left in its files; others wait.

        Raises:
            StoreAway: others are at it without a pause; try again.
        """
        await asyncio.to_thread(compact, self._writing)

    async def probe(self) -> None:
        """Write as much as one message may need, and take it back.

        Raises:
            StoreAway: a stage that went on now would fail again.
        """
        await self.documents.probe()
        for unit in writing():
            await self.run(unit)


def _tell(watchers: Iterable[Callable[[Committed], None]], committed: Committed) -> None:
    for watcher in watchers:
        watcher(committed)


def _migrate(engine: Engine) -> None:
    with telling_store_away():
        migrate(engine)


def _expect_up_to_date(engine: Engine) -> None:
    with telling_store_away(), engine.connect() as connection:
        check_up_to_date(connection)
