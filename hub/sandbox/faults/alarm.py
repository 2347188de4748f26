"""The broker's alarm: memory or disk is short, and whoever publishes is blocked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hub.sandbox.rabbitmq import PrivateRabbitMQ

__all__ = ["alarm"]


@asynccontextmanager
async def alarm(node: PrivateRabbitMQ, resource: Literal["memory", "disk"]) -> AsyncIterator[None]:
    """Keeps the alarm up for as long as the block lasts."""
    limit = f"{{resource_limit, {resource}, node()}}"
    await node.evaluate(f"ok = rabbit_alarm:set_alarm({{{limit}, []}}).")
    try:
        yield
    finally:
        await node.evaluate(f"ok = rabbit_alarm:clear_alarm({limit}).")
