"""The drill of tests/drills on PostgreSQL."""

from pathlib import Path

import pytest

from tests.drills.night import lost_and_restored
from tests.postgresql import postgresql_server


@pytest.mark.timeout(900)
async def test_a_night_that_takes_a_database_documents_and_broker(tmp_path: Path) -> None:
    with postgresql_server() as server:
        url = server.new_database()

        def lose() -> None:
            server.execute("DROP DATABASE test_1 WITH (FORCE)")
            server.execute("CREATE DATABASE test_1")

        folder = tmp_path / "world"
        folder.mkdir()
        await lost_and_restored(folder, url, lose)
