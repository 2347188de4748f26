"""How the two databases are opened, so that both keep the same promises.

SQLite: WAL with `synchronous=FULL` (a commit that returned survives a power cut), one writing
connection that begins with `BEGIN IMMEDIATE`, and reading ones that cannot write. PostgreSQL:
psycopg 3, several writing connections, READ COMMITTED; a process that stands still in the middle of
a unit loses it, so that its locks hold up nobody else. Parameters never appear in errors.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from hub.store.place import Place

__all__ = ["READERS", "Engines", "connect", "sqlite_file"]

READERS: Final = 4
"""Threads, and connections, that read."""

_WRITERS_CACHE_KILOBYTES: Final = 16 * 1024
"""Of SQLite's pages, as far as there are so many; it has 2 MB by itself. With 64 MB a hub behind a
backlog of a million held 306 MB, of which it may hold 300."""

_POSTGRESQL_WRITERS: Final = 4
_PATIENCE: Final = timedelta(seconds=10)
"""How long to wait for a lock that another process holds, or for a server that is silent."""


@dataclass(frozen=True, slots=True)
class Engines:
    """One engine that writes, one that only reads, and how many threads may write."""

    writing: Engine
    reading: Engine
    writers: int

    def dispose(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def connect(url: str) -> Engines:
    """Prepare the engines; nothing is opened yet.

    Raises:
        ValueError: the URL names neither a SQLite file nor PostgreSQL through psycopg.
    """
    parsed = make_url(url)
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _sqlite(parsed)
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(parsed)
    raise ValueError(
        f"the store cannot live in {parsed.drivername!r}:"
        " write sqlite:///path/hub.db or postgresql+psycopg://user@host/database"
    )


def sqlite_file(url: str) -> Path | None:
    """Where the database lies; None if a server has it."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.drivername == "sqlite" else None


def _sqlite(url: URL) -> Engines:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    file = Place(Path(url.database or ""))
    writing = _sqlite_engine(url, file, connections=1, begin="BEGIN IMMEDIATE")
    reading = _sqlite_engine(url, file, connections=READERS, begin="BEGIN")
    event.listen(writing, "connect", _remember_more)
    event.listen(reading, "connect", _forbid_writing)
    return Engines(writing, reading, writers=1)


def _sqlite_engine(url: URL, file: Place, *, connections: int, begin: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        connect_args={"timeout": _PATIENCE.total_seconds()},
    )

    def begin_transaction(connection: Connection) -> None:
        file.check()
        connection.exec_driver_sql(begin)

    def connect_if_there(*_: object) -> None:
        file.check()  # SQLite would make a new file where the old one is missing

    event.listen(engine, "do_connect", connect_if_there)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", begin_transaction)
    return engine


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin only at the first write, too late
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten with zeros


def _remember_more(connection: SqliteConnection, _record: object) -> None:
    # Ids are random: each row of a large store touches pages that nobody has touched for long.
    connection.execute(f"PRAGMA cache_size=-{_WRITERS_CACHE_KILOBYTES}")


def _forbid_writing(connection: SqliteConnection, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def _postgresql(url: URL) -> Engines:
    seconds = int(_PATIENCE.total_seconds())
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=_POSTGRESQL_WRITERS + READERS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": seconds,
            "tcp_user_timeout": seconds * 1000,
            # Where all that was sent is acknowledged, only these tell of a peer that has gone.
            "keepalives_idle": seconds,
            "keepalives_interval": seconds // 3,
            "keepalives_count": 3,
            "options": f"-c lock_timeout={seconds}s"
            f" -c idle_in_transaction_session_timeout={seconds}s",
        },
    )
    reading = engine.execution_options(postgresql_readonly=True)
    return Engines(engine, reading, writers=_POSTGRESQL_WRITERS)
