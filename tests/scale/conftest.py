"""One PostgreSQL for the tests of this room, and a database for each of them."""

from collections.abc import Iterator

import pytest

from tests.postgresql import PostgresqlServer, postgresql_server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@pytest.fixture
def store_url(postgresql: PostgresqlServer) -> str:
    return postgresql.new_database()
