"""A store of its own for each test, on both databases."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from hub.store import Sealer, Store, open_store
from tests.postgresql import PostgresqlServer, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    return Sealer.from_text(Sealer.generate_text())


class Opener:
    """Opens the test's store, as often as the test wants."""

    def __init__(self, url: str, documents: Path, sealer: Sealer) -> None:
        self.url, self.documents, self.sealer = url, documents, sealer

    def __call__(self) -> AbstractAsyncContextManager[Store]:
        return open_store(self.url, self.documents, self.sealer)


@pytest.fixture
def opener(url: str, tmp_path: Path, sealer: Sealer) -> Opener:
    return Opener(url, tmp_path / "documents", sealer)


@pytest.fixture
async def store(opener: Opener) -> AsyncIterator[Store]:
    async with opener() as store:
        yield store
