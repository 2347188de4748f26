"""Results of a parcel's finished steps, kept while it is delivered.

Each one also extends the lease of whoever delivers it; who finds that it is lost goes no further.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from hub.model.identifiers import MessageUuid
from hub.store import Claimed, Connection, Store, extend_lease, record_step

__all__ = ["LeaseLost", "StoredSteps"]


class LeaseLost(Exception):
    """The attempt took too long and another has taken over, or the message was concluded."""


class StoredSteps:
    """The steps of one attempt, as `hub.transport.Steps` wants them."""

    def __init__(
        self,
        store: Store,
        mine: Claimed,
        done: Mapping[str, str],
        lease: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self.done = done
        self._store = store
        self._message: MessageUuid = mine.message.id
        self._name = mine.lease
        self._lease = lease
        self._now = now

    async def record(self, step: str, result: str) -> None:
        """Keep the result of a step, and go on.

        Raises:
            LeaseLost: the result is kept, and it is another's to go on.
        """
        now = self._now()

        def unit(connection: Connection) -> bool:
            record_step(connection, self._message, step, result, now)
            return self._extend(connection, now)

        if not await self._store.run(unit):
            raise LeaseLost

    async def extend(self) -> None:
        """Go on; raise LeaseLost if another has taken the message over."""
        now = self._now()
        if not await self._store.run(lambda c: self._extend(c, now)):
            raise LeaseLost

    def _extend(self, connection: Connection, now: datetime) -> bool:
        return extend_lease(connection, self._message, self._name, now + self._lease)
