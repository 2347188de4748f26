"""The private PostgreSQL of a test run; each test gets a database of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from hub.sandbox.postgresql import PostgreSQLMissing, private_postgresql
from hub.sandbox.postgresql import PrivatePostgreSQL as PostgresqlServer
from hub.sandbox.processes import free_port
from tests.transport.certificates import Identity

__all__ = ["PostgresqlServer", "postgresql_server"]


@contextmanager
def postgresql_server(identity: Identity | None = None) -> Iterator[PostgresqlServer]:
    """Start a server, or skip the test if PostgreSQL is not installed.

    With an identity it listens on a port of loopback as well, with TLS.
    """
    try:
        with (
            private_postgresql()
            if identity is None
            else private_postgresql(free_port(), partial(_with_tls, identity=identity))
        ) as server:
            yield server
    except PostgreSQLMissing as missing:
        pytest.skip(str(missing))


def _with_tls(folder: Path, identity: Identity) -> tuple[str, ...]:
    """The server takes a key only if it is its own and nobody else's to read."""
    for name, path in (("certificate", identity.certificate), ("key", identity.key)):
        own = folder / name
        own.write_bytes(path.read_bytes())
        own.chmod(0o600)
        shutil.chown(own, folder.owner())
    files = (f"ssl_cert_file={folder}/certificate", f"ssl_key_file={folder}/key")
    return ("listen_addresses=127.0.0.1", "ssl=on", *files)
