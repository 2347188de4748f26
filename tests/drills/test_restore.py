"""The drill on SQLite; on PostgreSQL it is in tests/faults."""

from pathlib import Path

import pytest

from tests.drills.night import lost_and_restored


@pytest.mark.timeout(900)
async def test_a_night_that_takes_store_documents_and_broker(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    folder.mkdir()

    def lose() -> None:
        for each in folder.glob("hub.db*"):
            each.unlink()

    await lost_and_restored(folder, None, lose)
