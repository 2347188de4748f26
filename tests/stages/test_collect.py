from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hub.stages.collect import Collect
from hub.store import Store
from hub.transport import Collected
from tests.stages.given import NOW


class System:
    """Has nothing for the hub, and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def of(self, hub: str) -> Any:
        async def collect(endpoint: object, cursor: str | None) -> AsyncIterator[Collected]:
            self.asked.append(hub)
            return
            yield

        return SimpleNamespace(collect=collect)


def a_table() -> Any:
    endpoint = SimpleNamespace(transport="sftp", system="one")
    return SimpleNamespace(
        authorities={"990001": None},
        systems={"one": SimpleNamespace(adapter="any")},
        endpoint=lambda _: endpoint,
    )


class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


async def look(collect: Collect) -> None:
    """What the loops of a hub do once."""
    await collect.hold()
    await collect._attend_once("990001", a_table().endpoint("990001"))


async def test_of_two_hubs_one_asks_a_system_and_the_other_follows_when_it_is_gone(
    store: Store,
) -> None:
    system, time = System(), Time()
    one, two = (
        Collect(store, None, a_table, {"sftp": system.of(name)}, name, time)  # type: ignore[arg-type]
        for name in ("one", "two")
    )
    await look(one)
    await look(two)
    assert system.asked == ["one"]
    time.now += timedelta(minutes=1)
    await look(two)
    await look(one)
    assert system.asked == ["one", "two"]
