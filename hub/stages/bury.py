"""BURY: what the broker itself gave up on.

A reference is only a hint, so losing one loses nothing: its row is still owed, and DISPATCH
publishes it again. What came from outside has no row yet and becomes a dead letter.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from hub.broker import INTAKE, INTERPRET, Delivery, Publisher, Verdict
from hub.model.failure import PermanentFailure
from hub.routing import RoutingTable
from hub.stages.burial import Burial
from hub.store import Store

__all__ = ["Bury"]

_log = structlog.get_logger()


class Bury:
    """Handler of `hub.dead-letters`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        now: Callable[[], datetime],
    ) -> None:
        self._burial = Burial(store, publisher, table, now)

    async def handle(self, delivery: Delivery) -> Verdict:
        """Keep what came from outside; let a lost reference go."""
        queue = delivery.death.queue if delivery.death else delivery.queue
        if queue not in (INTAKE, INTERPRET):
            _log.warning("bury.reference", queue=queue)
            return Verdict.ACK
        reason = delivery.death.reason if delivery.death else "unknown"
        failure = PermanentFailure(
            "broker.gave_up",
            f"The broker gave the message up in {queue} ({reason}): the hub was interrupted "
            "each time it took it. Replay it once the hub runs steadily.",
            location=queue,
        )
        await self._burial.refuse(delivery, failure, stage="bury")
        return Verdict.ACK
