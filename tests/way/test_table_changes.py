"""The routing table changes while the hub runs."""

from typing import Any

import pytest

from tests.way.conftest import World, until


async def test_a_table_that_changes_while_the_broker_is_away_is_carried_out_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, failures = world.hub.broker, [TimeoutError()]
    declare = broker.declare

    async def declaring(topology: Any) -> None:
        if failures:
            raise failures.pop()
        await declare(topology)

    monkeypatch.setattr(broker, "declare", declaring)
    routing = world.hub.settings.routing
    text = routing.read_text()
    line = next(line for line in text.splitlines() if '"990004"' in line)
    routing.write_text(text.replace(line, f"{line}\n{line.replace('990004', '990777')}"))

    async def attended() -> bool:
        return "990777" in world.hub.authorities

    assert await until(attended)
    assert failures == []
