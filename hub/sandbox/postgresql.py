"""A private PostgreSQL server: its own data, its own socket, gone afterwards.

Started from the installed package, never the system's own cluster, and ended by the kernel if its
owner ends in whatever way. PostgreSQL refuses to run as root, so under root it runs as the user
`postgres` or `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

__all__ = ["PostgreSQLMissing", "PrivatePostgreSQL", "private_postgresql"]


_START_SECONDS: Final = 60
_LOOK_EVERY: Final = 0.05
_CLUSTER: Final = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")


class PostgreSQLMissing(RuntimeError):
    """There is no PostgreSQL on this machine."""

    def __init__(self) -> None:
        super().__init__("PostgreSQL is not installed: apt-get install postgresql")


class PrivatePostgreSQL:
    """A server that runs. Made by `private_postgresql`."""

    def __init__(self, folder: Path, port: int, command: Sequence[str | Path]) -> None:
        self.folder = folder
        self.port = port
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    def start(self, *, standby: bool = False) -> None:
        """Start it and wait until it can be reached; as a standby, it may only be read.

        Raises:
            RuntimeError: it did not start; says what it printed.
        """
        sign = self.folder / "data" / "standby.signal"
        sign.touch() if standby else sign.unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                self._command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        patience = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < patience:
            with suppress(psycopg.OperationalError), self._connected():
                return
            time.sleep(_LOOK_EVERY)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text('utf-8')}")

    def stop(self) -> None:
        """End it at once, whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}&port={self.port}"

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any hub's database."""
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            f"host={self.folder} port={self.port} user=postgres dbname=postgres", autocommit=True
        )


@contextmanager
def private_postgresql(
    port: int = 5432,
    listening: Callable[[Path], Iterable[str]] = lambda _: ("listen_addresses=",),
    *,
    durable: bool = False,
) -> Iterator[PrivatePostgreSQL]:
    """A running server that ends with the block.

    Args:
        port: also part of its socket's name.
        listening: settings of the server with that folder; by default it has its socket only.
        durable: a commit waits for the disk, as it does for everybody but tests.

    Raises:
        PostgreSQLMissing: it is not installed.
        RuntimeError: it did not start; says what it printed.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes at most
    as_user = _give_to_unprivileged(folder)
    data = folder / "data"
    try:
        subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [*as_user, programs / "initdb", "-D", data, *_CLUSTER],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        socket = (f"port={port}", f"unix_socket_directories={folder}")
        options = (*listening(folder), *socket, f"fsync={'on' if durable else 'off'}")
        # The second only after the first: who changes its user is forgotten about.
        start: tuple[str | Path, ...] = (
            *as_user,
            "setpriv",
            "--pdeathsig",
            "KILL",
            programs / "postgres",
            "-D",
            data,
        )
        given = (word for option in options for word in ("-c", option))
        server = PrivatePostgreSQL(folder, port, (*start, *given))
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
    raise PostgreSQLMissing


def _give_to_unprivileged(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, name)
    user = pwd.getpwnam(name)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
