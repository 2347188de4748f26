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

from hub.broker import BROKER_FAILURES, NoSuchExchange, Publisher, delivery_queue, mailbox_queue
from hub.model.failure import HubFailure, TransientFailure
from hub.stages.announce import announce, refuse
from hub.stages.decision import probe_delay
from hub.store import (
    PUBLISH_GRACE,
    Connection,
    DeadLetter,
    Due,
    Event,
    Message,
    Owes,
    Store,
    due,
    overdue_places,
    owe_without_receipt,
    record,
    refill,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    unpublished,
)

__all__ = ["Dispatch"]

_EVERY: Final = timedelta(seconds=1)
_AT_ONCE: Final = 500
_REFILL_EVERY: Final = timedelta(seconds=10)
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
        receipts_within: timedelta,
    ) -> None:
        """Make it.

        Args:
            store: what it asks.
            publisher: tells the broker.
            depths: how many messages wait in each queue.
            now: the clock.
            receipts_within: after this time without a receipt what was handed over is sent again.
        """
        self._store = store
        self._publisher = publisher
        self._depths = depths
        self._now = now
        self._receipts_within = receipts_within

    async def run(self) -> None:
        """Look every second until cancelled; trouble with broker or store ends one look only.

        The first look trusts no queue: whatever is owed may have been published by nobody.
        """
        before = self._now() + PUBLISH_GRACE
        next_refill = self._now()
        while True:
            try:
                if self._publisher.connected:  # else what is taken would only wait for longer
                    await self.look()
                if self._publisher.connected and self._now() >= next_refill:
                    await self.owe_without_receipts()
                    await self.fill_dry_queues(before)
                    next_refill = before = self._now() + _REFILL_EVERY
            except HubFailure as failure:
                _log.warning("dispatch.failed", cause=failure.cause)
            except BROKER_FAILURES as error:  # it went while it was asked for its queues
                _log.warning("dispatch.failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> None:
        """Publish what is due, and tell the senders whose refusal is still owed."""
        while owed := await self._take(lambda c: due(c, self._now(), _AT_ONCE, PUBLISH_GRACE)):
            await self._publish(owed)
        for letter in await self._store.read(lambda c: refusals_owed(c, self._now(), _AT_ONCE)):
            await self._tell(letter)

    async def owe_without_receipts(self) -> None:
        """Owe again what was handed over and has no receipt after its time; `look` publishes it."""
        now = self._now()

        def unit(connection: Connection) -> list[Message]:
            owed = owe_without_receipt(connection, now - self._receipts_within, now, _AT_ONCE)
            record(connection, *(_overdue(message, now) for message in owed))
            return owed

        while await self._store.run(unit):
            pass

    async def fill_dry_queues(self, before: datetime) -> None:
        """Publish again what was published before and is neither taken nor in its queue."""
        places = {
            (owes, place): delivery_queue(place) if owes == "deliver" else mailbox_queue(place)
            for owes, place in await self._store.read(lambda c: overdue_places(c, before))
        }
        depths = await self._depths(places.values()) if places else {}
        for (owes, place), queue in places.items():
            if depths.get(queue, 0) == 0:
                await self._refill(owes, place, before)

    async def _refill(self, owes: Owes, place: str, before: datetime) -> None:
        def unit(connection: Connection) -> list[Due]:
            return refill(connection, owes, place, before, _AT_ONCE, PUBLISH_GRACE)

        while owed := await self._take(unit):
            await self._publish(owed)

    async def _publish(self, owed: list[Due]) -> None:
        try:
            await announce(self._publisher, *owed)
        except HubFailure:
            again_at = self._now() + _EVERY
            await self._store.run(lambda c: unpublished(c, owed, again_at))
            raise

    async def _take(self, unit: Callable[[Connection], list[Due]]) -> list[Due]:
        now = self._now()

        def recorded(connection: Connection) -> list[Due]:
            owed = unit(connection)
            record(connection, *(_event(each, now) for each in owed))
            return owed

        return await self._store.run(recorded)

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


def _overdue(message: Message, at: datetime) -> Event:
    return Event(
        case=message.case,
        message=message.id,
        at=at,
        name="receipt_overdue",
        stage="dispatch",
        authority=message.authority,
        attempt=message.attempts,
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
