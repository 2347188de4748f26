"""Copies a database that is at work into one file, and such a file into an empty database.

SQLite: `VACUUM INTO` reads one snapshot while others go on writing, and leaves behind what was
deleted. PostgreSQL: its own `pg_dump` reads the snapshot in which everything else is read; it is
told the address through its environment, so that no list of processes shows a password.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from psycopg.pq import Conninfo
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from hub.model.failure import PermanentFailure
from hub.store.away import StoreAway, telling_store_away
from hub.store.backup.files import copied
from hub.store.backup.manifest import Database
from hub.store.connect import Engines, connect, sqlite_file
from hub.store.sealed_file import flush_folder

__all__ = ["copy_database", "database_of", "expect_empty", "load_database"]

T = TypeVar("T")

_NOT_LIMITED: Final = text("SET LOCAL idle_in_transaction_session_timeout = 0")
_SNAPSHOT: Final = text("SELECT pg_export_snapshot()")


def database_of(url: str) -> Database:
    """Which of the two it is."""
    return "postgresql" if sqlite_file(url) is None else "sqlite"


def copy_database(url: str, target: Path, look: Callable[[Connection], T]) -> T:
    """Copy all of it as it is at one moment; gives what `look` reads at that very moment.

    Raises:
        PermanentFailure: `backup.no_client` or `backup.client`: PostgreSQL's program is missing,
            or did not do it.
        StoreAway: the database cannot be read.
    """
    file = sqlite_file(url)
    if file is not None:
        return _copy_sqlite(file, target, look)
    return _copy_postgresql(url, target, look)


def expect_empty(url: str) -> None:
    """Raise PermanentFailure `restore.not_empty` if there are tables, or a file."""
    file = sqlite_file(url)
    if file is not None:
        there = [name for name in _files(file) if name.exists()]
        if there:
            raise PermanentFailure(
                "restore.not_empty",
                f"There is a store already: {there[0]}. A backup is restored where nothing is:"
                " stop all hubs, and move it away; do not delete it before the restored hub works.",
            )
        return
    engines = connect(url)
    try:
        with telling_store_away(), engines.reading.connect() as connection:
            tables = inspect(connection).get_table_names()
    finally:
        engines.dispose()
    if tables:
        raise PermanentFailure(
            "restore.not_empty",
            f"There are {len(tables)} tables in the database of HUB_STORE_URL already. A backup is"
            " restored where nothing is: stop all hubs, and make a new, empty database for it.",
        )


def load_database(backup: Path, url: str, prepare: Callable[[Engines], T]) -> T:
    """Load what `copy_database` wrote into a database in which nothing is, and `prepare` it.

    On SQLite the file takes its name when it is prepared. PostgreSQL loads in one transaction, and
    is prepared in the next.

    Raises:
        PermanentFailure: `backup.no_client` or `backup.client`.
        StoreAway: the database cannot be written.
    """
    file = sqlite_file(url)
    if file is not None:
        return _load_sqlite(backup, file, prepare)
    _run_client(
        ["pg_restore", "--single-transaction", "--no-owner", "--no-privileges"],
        ["--dbname", make_url(url).database or "", str(backup)],
        url,
    )
    return _prepared(url, prepare)


def _copy_sqlite(file: Path, target: Path, look: Callable[[Connection], T]) -> T:
    with telling_store_away():
        try:
            driver = sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True)
            with closing(driver):
                driver.execute("VACUUM INTO ?", [str(target)])
        except sqlite3.Error as error:
            raise StoreAway(type(error).__name__) from error
        with target.open("rb+") as copy:  # SQLite itself does not flush what it vacuums into
            os.fsync(copy.fileno())
        target.chmod(0o600)
        engine = create_engine(f"sqlite:///file:{quote(str(target))}?mode=ro&uri=true")
        try:
            with engine.connect() as connection:
                return look(connection)
        finally:
            engine.dispose()


def _copy_postgresql(url: str, target: Path, look: Callable[[Connection], T]) -> T:
    engines = connect(url)
    try:
        with telling_store_away(), engines.reading.connect() as unready:
            connection = unready.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(_NOT_LIMITED)  # it idles for as long as the copy takes
            snapshot: str = connection.execute(_SNAPSHOT).scalar_one()
            seen = look(connection)
            target.touch(mode=0o600)
            _run_client(
                ["pg_dump", "--format=custom", "--no-owner", "--no-privileges"],
                [f"--snapshot={snapshot}", f"--file={target}"],
                url,
            )
    finally:
        engines.dispose()
    with target.open("rb") as copy:
        os.fsync(copy.fileno())
    return seen


def _load_sqlite(backup: Path, file: Path, prepare: Callable[[Engines], T]) -> T:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.restoring")
    for rest in _files(temporary):  # of a restore that was killed
        rest.unlink(missing_ok=True)
    try:
        copied(backup, temporary)
        prepared = _prepared(f"sqlite:///{temporary}", prepare)
        with temporary.open("rb") as ready:
            os.fsync(ready.fileno())
        temporary.replace(file)
    finally:
        for rest in _files(temporary):
            rest.unlink(missing_ok=True)
    flush_folder(file.parent)
    return prepared


def _prepared(url: str, prepare: Callable[[Engines], T]) -> T:
    engines = connect(url)
    try:
        with telling_store_away():
            return prepare(engines)
    finally:
        engines.dispose()  # the last connection to SQLite writes its log into the file


def _files(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-journal")]


def _run_client(program: Sequence[str], arguments: Sequence[str], url: str) -> None:
    path = shutil.which(program[0])
    if path is None:
        raise PermanentFailure(
            "backup.no_client",
            f"{program[0]} is not installed, by which PostgreSQL is copied: install the client of"
            " PostgreSQL (Debian: apt-get install postgresql-client), as new as the server.",
        )
    ended = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [path, *program[1:], "--no-password", *arguments],
        env={**os.environ, **_address(url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode:
        # Of the rest, some lines quote rows.
        said = [line for line in ended.stderr.splitlines() if " error: " in line][:1]
        raise PermanentFailure(
            "backup.client",
            f"{program[0]} did not succeed: {''.join(said) or f'it ended with {ended.returncode}'}",
        )


def _address(url: str) -> dict[str, str]:
    """Where the database is and how one comes in, as libpq's programs take it from outside."""
    parsed = make_url(url)
    _, given = parsed.get_dialect()().create_connect_args(parsed)
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
    unknown = sorted(given.keys() - names.keys())
    if unknown:
        raise PermanentFailure(
            "backup.client",
            f"HUB_STORE_URL has an option that PostgreSQL's programs cannot be told: {unknown[0]}.",
        )
    return {names[keyword]: str(value) for keyword, value in given.items()}
