"""What tests of several providers share."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.sandbox.zbp.authors import AuthorFiles, make_author
from hub.store import Sealer, Store, open_store


class Clock:
    """The time, or as far ahead of it as it is told."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents", sealer) as store:
        yield store


@pytest.fixture(scope="session")
def author(tmp_path_factory: pytest.TempPathFactory) -> AuthorFiles:
    return make_author(tmp_path_factory.mktemp("author"))
