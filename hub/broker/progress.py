"""Finds consumers that look alive and do nothing, and has them subscribe anew.

An open connection proves little: what counts is that a queue in which messages wait is handled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Never

import structlog

from hub.broker.connection import BROKER_FAILURES
from hub.broker.consumer import Subscription

__all__ = ["watch_progress"]

LOOK_EVERY = timedelta(seconds=30)

log = structlog.get_logger()


async def watch_progress(
    subscriptions: Callable[[], Iterable[Subscription]],
    depths: Callable[[Iterable[str]], Awaitable[Mapping[str, int]]],
) -> Never:
    """Looks again and again; restarts who had messages waiting at two looks and took none."""
    waiting: dict[Subscription, int] = {}
    while True:
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        idle = [each for each in subscriptions() if each.consuming and not each.busy]
        try:
            found = await depths([each.queue for each in idle])
        except BROKER_FAILURES:
            continue  # nobody consumes then, and everybody knows
        before, waiting = waiting, {each: each.taken for each in idle if found.get(each.queue)}
        for subscription in waiting.keys() & before.keys():
            if waiting[subscription] == before[subscription]:
                if not subscription.in_order:  # else another hub may be the one that consumes
                    log.error("subscription.stuck", queue=subscription.queue)
                subscription.restart()
