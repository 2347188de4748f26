"""DISPATCH: publishes again whatever is owed and due, and tells senders what is still untold.

Not a stage of the way but its safety net: a reference that got lost, a retry whose time has
come, a broker that was wiped - all of them are one query. A message whose reference should
still lie in a queue is published again only when that queue has run dry, so that a long
backlog is not doubled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.broker import NoSuchExchange, Publisher, delivery_queue, mailbox_queue
from hub.model.failure import HubFailure, TransientFailure
from hub.stages.announce import announce, refuse
from hub.stages.decision import probe_delay
from hub.store import (
    Connection,
    DeadLetter,
    Due,
    Event,
    Store,
    due,
    record,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    silent_queues,
)

__all__ = ["Dispatch"]

_EVERY: Final = timedelta(seconds=1)
_AT_ONCE: Final = 500
_AGAIN: Final = timedelta(seconds=30)
_REFUSAL_TRIES: Final = 10

_log = structlog.get_logger()


class Dispatch:
    """Runs beside the stages; several at once do no harm."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        depths: Callable[[Iterable[str]], Awaitable[Mapping[str, int]]],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._depths = depths
        self._now = now

    async def run(self) -> None:
        """Look every second until cancelled; trouble with broker or store ends one look only."""
        while True:
            try:
                await self.look()
            except HubFailure as failure:
                _log.warning("dispatch.failed", cause=failure.cause)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> int:
        """Publish what is due; return how many references went out."""
        published = 0
        while owed := await self._take_due():
            await announce(self._publisher, *owed)
            published += len(owed)
        for letter in await self._store.read(lambda c: refusals_owed(c, self._now(), _AT_ONCE)):
            await self._tell(letter)
        return published

    async def _take_due(self) -> list[Due]:
        now = self._now()
        quiet = await self._store.read(lambda c: silent_queues(c, now))
        queues = {
            (owes, key): delivery_queue(key) if owes == "deliver" else mailbox_queue(key)
            for owes, key in quiet
        }
        depths = await self._depths(queues.values()) if queues else {}
        dry = frozenset(place for place, queue in queues.items() if depths.get(queue, 0) == 0)

        def unit(connection: Connection) -> list[Due]:
            owed = due(connection, now, _AT_ONCE, _AGAIN, dry)
            record(connection, *(_event(each, now) for each in owed))
            return owed

        return await self._store.run(unit)

    async def _tell(self, letter: DeadLetter) -> None:
        now = self._now()
        try:
            await refuse(self._publisher, letter)
        except NoSuchExchange:
            await self._store.run(lambda c: _give_up(c, letter, now))
        except TransientFailure:
            tries = letter.refusal_attempts + 1
            next_at = now + probe_delay(tries) if tries < _REFUSAL_TRIES else None
            if next_at is None:
                await self._store.run(lambda c: _give_up(c, letter, now))
            else:
                await self._store.run(lambda c: refusal_failed(c, letter.id, next_at))
        else:
            await self._store.run(lambda c: refusal_sent(c, letter.id, now))


def _give_up(connection: Connection, letter: DeadLetter, now: datetime) -> None:
    refusal_failed(connection, letter.id, None)
    record(
        connection,
        Event(
            case=letter.case,
            message=letter.message,
            at=now,
            name="refusal_undeliverable",
            stage="dispatch",
            authority=letter.authority,
            detail={"dead_letter": str(letter.id)},
        ),
    )


def _event(owed: Due, at: datetime) -> Event:
    return Event(
        case=owed.case,
        message=owed.message,
        at=at,
        name="republished",
        stage="dispatch",
        authority=owed.authority,
        attempt=owed.attempts,
    )
