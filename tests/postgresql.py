"""A private PostgreSQL server for tests: its own data, its own socket, gone afterwards.

Started from the installed package, never the system's own cluster. PostgreSQL refuses to run as
root, so under root it runs as the user `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from hub.sandbox.processes import free_port
from tests.transport.certificates import Identity


class PostgresqlServer:
    """A running server. Each test gets a database of its own."""

    def __init__(self, folder: Path, port: int = 5432) -> None:
        self.port = port
        self.folder = folder
        self._numbers = count(1)

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any test's database."""
        with psycopg.connect(
            f"host={self.folder} port={self.port} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgresql_server(identity: Identity | None = None) -> Iterator[PostgresqlServer]:
    """Start a server, or skip the test if PostgreSQL is not installed.

    With an identity it listens on a port of loopback as well, with TLS.
    """
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

    port = 5432 if identity is None else free_port()
    listening = "-c listen_addresses=''" if identity is None else _with_tls(folder, port, identity)
    options = f"{listening} -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-w", "-s", "-o", options, "-l", log, "start")
        try:
            yield PostgresqlServer(folder, port)
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _with_tls(folder: Path, port: int, identity: Identity) -> str:
    """Options; the server takes a key only if it is its own and nobody else's to read."""
    for name, path in (("certificate", identity.certificate), ("key", identity.key)):
        own = folder / name
        own.write_bytes(path.read_bytes())
        own.chmod(0o600)
        shutil.chown(own, folder.owner())
    return (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on"
        f" -c ssl_cert_file='{folder}/certificate' -c ssl_key_file='{folder}/key'"
    )


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
