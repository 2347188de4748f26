"""A hub with a fault of its own: INTAKE acknowledges first and commits later."""

from typing import Any

from hub.broker import INTAKE
from hub.broker.consumer import Subscription
from hub.sandbox.faults import mortal

__all__ = ["main"]


def main() -> None:
    """Break the step, then run the hub as every campaign does."""
    careful = Subscription._handle

    async def hasty(self: Subscription, message: Any) -> None:
        if self.queue == INTAKE:
            await message.ack()
        await careful(self, message)

    setattr(Subscription, "_handle", hasty)  # noqa: B010 - a method, which has no setter
    mortal.main()
