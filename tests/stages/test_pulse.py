"""The pulse writes what was committed, and keeps what it could not write."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.stages.pulse import Pulse
from hub.store import Event, Sealer, Store, StoreAway, beats, last_successes, open_store, record

NOW = datetime(2026, 11, 2, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents", sealer) as store:
        yield store


async def an_event_is_recorded(store: Store, name: str, authority: str = "990001") -> None:
    event = Event(None, None, NOW, name, "deliver", authority=authority)
    await store.run(lambda c: record(c, event))


async def shown(store: Store) -> dict[str, list[int]]:
    minute = timedelta(minutes=1)
    return await store.read(lambda c: beats(c, NOW, NOW + minute, minute))


async def test_what_is_committed_shows_in_the_picture(store: Store) -> None:
    pulse = Pulse(store, lambda: NOW)
    for name in ("accepted", "accepted", "dead", "attempt"):
        await an_event_is_recorded(store, name)
    await pulse.write()
    await pulse.write()
    assert await shown(store) == {"accepted": [2], "dead": [1]}
    assert await store.read(last_successes) == {"990001": NOW}


async def test_what_could_not_be_written_is_written_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse = Pulse(store, lambda: NOW)
    await an_event_is_recorded(store, "accepted")

    async def away(_: object) -> None:
        raise StoreAway("a test")

    with monkeypatch.context() as broken:
        broken.setattr(store, "run", away)
        with pytest.raises(StoreAway):
            await pulse.write()
    await an_event_is_recorded(store, "accepted", "990002")
    await pulse.write()
    assert await shown(store) == {"accepted": [2]}
    assert await store.read(last_successes) == {"990001": NOW, "990002": NOW}
