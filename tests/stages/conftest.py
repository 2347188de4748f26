"""A store of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.store import Sealer, Store, open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents", sealer) as store:
        yield store
