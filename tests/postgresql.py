"""The private PostgreSQL of a test run; each test gets a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.sandbox.postgresql import PostgreSQLMissing, private_postgresql
from hub.sandbox.postgresql import PrivatePostgreSQL as PostgresqlServer

__all__ = ["PostgresqlServer", "postgresql_server"]


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server, or skip the test if PostgreSQL is not installed."""
    try:
        with private_postgresql() as server:
            yield server
    except PostgreSQLMissing as missing:
        pytest.skip(str(missing))
