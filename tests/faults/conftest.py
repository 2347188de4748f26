"""An adapter that does what none may do, installed beside the others for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.adapter import adapters
from tests.way.conftest import settings as settings  # the same hub, for a worse adapter


@pytest.fixture
def unruly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which it is installed; on the path of this process."""
    folder = tmp_path / "installed"
    metadata = folder / "unruly-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: unruly\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[hub.adapters]\nunruly = tests.workshop.unruly:adapter\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    adapters.cache_clear()
    yield folder
    adapters.cache_clear()
