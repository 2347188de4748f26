"""What tests of several providers share."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.sandbox.zbp.authors import AuthorFiles, make_author
from hub.store import Sealer, Store, open_store


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents", sealer) as store:
        yield store


@pytest.fixture(scope="session")
def author(tmp_path_factory: pytest.TempPathFactory) -> AuthorFiles:
    return make_author(tmp_path_factory.mktemp("author"))
