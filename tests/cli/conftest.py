import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hub.cli import main
from hub.store import Sealer, Store, open_store


class Outcome(NamedTuple):
    """What a person or a script sees of a command."""

    code: int
    out: str
    err: str


Hub = Callable[..., Outcome]


@pytest.fixture
def hub(capsys: pytest.CaptureFixture[str]) -> Hub:
    def call(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, shown.out, shown.err)

    return call


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A store in the environment of the commands; call it to fill it."""
    key = Sealer.generate_text()
    url, documents = f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents"
    monkeypatch.setenv("HUB_STORE_URL", url)
    monkeypatch.setenv("HUB_DOCUMENTS", str(documents))
    monkeypatch.setenv("HUB_CONTENT_KEY", key)

    async def fill(write: Callable[[Store], Awaitable[object]]) -> None:
        async with open_store(url, documents, Sealer.from_text(key)) as opened:
            await write(opened)

    return lambda write: asyncio.run(fill(write))
