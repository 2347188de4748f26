"""The routing table changes while the hub runs."""

import asyncio
from collections.abc import Iterable
from typing import Any

import aio_pika
import pytest

from hub.broker import DELIVERIES, delivery_queue
from hub.store import dead_letters
from tests.builders import a_submission
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


async def test_the_queue_of_a_removed_authority_goes_once_it_is_empty(
    world: World, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, queue = world.hub, delivery_queue("990004")
    subscription = hub.authorities["990004"]
    await subscription.pause()
    await hub.broker.publisher.publish(DELIVERIES, "990004", b"{}", type="deliver")
    routing = hub.settings.routing
    lines = routing.read_text().splitlines(keepends=True)
    routing.write_text("".join(line for line in lines if '"990004"' not in line))

    async def removed() -> bool:
        return "990004" not in hub.routes.table.authorities

    await until(removed)
    looked = asyncio.Event()
    depths = hub.broker.depths

    async def watched(queues: Iterable[str]) -> dict[str, int]:
        found = await depths(queues)
        if queue in found:
            looked.set()
        return found

    monkeypatch.setattr(hub.broker, "depths", watched)
    for _ in range(2):
        looked.clear()
        async with asyncio.timeout(20):
            await looked.wait()
    assert await depths([queue]) == {queue: 1}

    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await (await channel.get_queue(queue)).purge()

    async def gone() -> bool:
        return "990004" not in hub.authorities and not await depths([queue])

    assert await until(gone)
    assert subscription not in hub.subscriptions


@pytest.mark.parametrize("documents", [0, 1])
async def test_what_was_taken_in_before_is_no_refusal_when_its_authority_has_gone(
    world: World, documents: int
) -> None:
    submission = a_submission(authority="990004", service="family", documents=documents)
    await world.send(submission)
    await world.until_state(submission, "accepted")
    routing = world.hub.settings.routing
    lines = routing.read_text().splitlines(keepends=True)
    routing.write_text("".join(line for line in lines if '"990004"' not in line))

    async def removed() -> bool:
        return "990004" not in world.hub.routes.table.authorities

    await until(removed)
    await world.send(submission)

    async def noted() -> bool:
        return "duplicate" in await world.names(submission.id)

    await until(noted)
    assert await world.hub.store.read(dead_letters) == []
