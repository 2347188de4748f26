"""A private PostgreSQL server for tests: its own data, its own socket, gone afterwards.

Started from the installed package, never the system's own cluster. PostgreSQL refuses to run as
root, so under root it runs as the user `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest


class PostgresqlServer:
    """A running server. Each test gets a database of its own."""

    def __init__(self, folder: Path, data: Path, control: Callable[[str], None]) -> None:
        self._folder = folder
        self._data = data
        self._control = control
        self._numbers = count(1)

    def start(self, *, standby: bool = False) -> None:
        """Start it and wait until it can be reached; as a standby, it may only be read."""
        signal = self._data / "standby.signal"
        signal.touch() if standby else signal.unlink(missing_ok=True)
        self._control("start")

    def stop(self) -> None:
        """End it at once, whoever is connected."""
        self._control("stop")

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any test's database."""
        with psycopg.connect(
            f"host={self._folder} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server, or skip the test if PostgreSQL is not installed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes at most
    as_user = _give_to_unprivileged(folder)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [*as_user, programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )

    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        how = {"start": ("-o", options, "-l", str(folder / "log")), "stop": ("-m", "fast")}

        def control(action: str) -> None:
            run("pg_ctl", "-D", str(data), "-w", "-s", *how[action], action)

        server = PostgresqlServer(folder, data, control)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    on_path = shutil.which("pg_ctl")
    installed = [*Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    if on_path is not None:
        return Path(on_path).resolve().parent
    if installed:
        return max(installed, key=lambda path: int(path.parts[-3])).parent
    pytest.skip("PostgreSQL is not installed: apt-get install postgresql")


def _give_to_unprivileged(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, name)
    user = pwd.getpwnam(name)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
