"""Who is cancelled ends: a task that went on would keep a hub that was told to end from ending."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from hub.broker import BROKER_FAILURES, Broker
from tests.broker.conftest import a_broker

TIMES = 500


async def look(broker: Broker) -> None:
    await broker.depths(["hub.intake"])


async def remove(broker: Broker) -> None:
    await broker.remove_if_empty("hub.nothing")


@pytest.mark.parametrize("asked", [look, remove])
async def test_at_no_step_is_a_cancellation_lost(
    amqp_url: str, asked: Callable[[Broker], Awaitable[None]]
) -> None:
    met, step = Counter[str](), 0
    async with a_broker(amqp_url) as broker:
        for _ in range(TIMES):
            outcome = await cancelled_at(step, asked(broker))
            met[outcome] += 1
            step = 0 if outcome == "done before" else step + 1
    assert met["cancelled"]
    assert not met["went on"], met


async def cancelled_at(step: int, work: Awaitable[None]) -> str:
    """What became of it when it was cancelled so many steps of the event loop after its start."""
    task = asyncio.ensure_future(work)
    for _ in range(step):
        await asyncio.sleep(0)
    if not task.cancel():
        return "done before"
    await asyncio.wait([task])
    if task.cancelled():
        return "cancelled"
    # The call that was cancelled before may have cost the connection: aiormq numbers the next
    # channel as that one, which RabbitMQ takes for open.
    return "failed" if isinstance(task.exception(), BROKER_FAILURES) else "went on"
