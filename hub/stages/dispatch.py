"""DISPATCH: publishes again whatever is owed and due, and tells senders what is still untold.

Not a stage of the way but its safety net: a reference that got lost, a retry whose time has
come, a broker that was wiped - all of them are one query. A message whose reference should
still lie in a queue is published again only when that queue has run dry, so that a long
backlog is not doubled. However long it is, the broker gets a bounded part of it at a time. A replay
of what has no row is owed by nobody: if it got lost, its dead letter is open again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Never
from uuid import UUID

import structlog

from hub.broker import NoSuchExchange, Publisher, Unroutable, delivery_queue, mailbox_queue
from hub.model.failure import HubFailure, TransientFailure
from hub.stages.announce import announce, refuse
from hub.stages.decision import probe_delay
from hub.stages.origin import QUEUES_OF_REPLAYS
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
    reopen,
    replays_under_way,
    unpublished,
)

__all__ = ["Dispatch"]

_EVERY: Final = timedelta(seconds=1)
_AT_ONCE: Final = 500
_REFILL_EVERY: Final = timedelta(seconds=10)
_REFILL: Final = 20_000
"""References that lie in queues of a backlog at a time, about: more than a hub delivers between two
refills. Each costs the broker up to 3 kB."""
_AT_LEAST: Final = 200
"""What a queue that has run dry gets even if those of slower places hold that many."""
_REFUSAL_TRIES: Final = 10
_REPLAY_PATIENCE: Final = timedelta(minutes=3)
"""Longer than a handler takes: in whose hands a message is, no queue tells."""

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
        """Look every second until cancelled, and refill beside it, which may take longer."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_looking())
            tasks.create_task(self._keep_refilling())

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
        """Publish again what was published before and is neither taken nor in its queue.

        All queues that have run dry share what one refill may publish, so that nobody waits for
        the backlog of another. Where there is no queue, all would be in vain.
        """
        places = {
            (owes, place): delivery_queue(place) if owes == "deliver" else mailbox_queue(place)
            for owes, place in await self._store.read(lambda c: overdue_places(c, before))
        }
        depths = await self._depths(places.values()) if places else {}
        dry = [place for place, queue in places.items() if depths.get(queue) == 0]
        room = _REFILL - sum(depths.values())
        for owes, place in dry:
            await self._refill(owes, place, before, max(room // len(dry), _AT_LEAST))

    async def open_lost_replays(self, before: datetime) -> None:
        """Open the letters again whose replay was published before, and is neither in nor dead."""
        under_way = await self._store.read(lambda c: replays_under_way(c, before))
        depths = await self._depths(QUEUES_OF_REPLAYS.values()) if under_way else {}
        for letter, exchange in under_way.items():
            if depths.get(QUEUES_OF_REPLAYS.get(exchange, ""), 0) == 0:
                await self._store.run(partial(self._open_again, letter=letter))

    def _open_again(self, connection: Connection, letter: UUID) -> None:
        if reopen(connection, letter):
            detail = {"dead_letter": str(letter)}
            event = Event(None, None, self._now(), "replay_lost", "dispatch", detail=detail)
            record(connection, event)

    async def _keep_looking(self) -> Never:
        while True:
            with _trouble_told():
                if self._publisher.connected:  # else what is taken would only wait for longer
                    await self.look()
            await asyncio.sleep(_EVERY.total_seconds())

    async def _keep_refilling(self) -> Never:
        # The first time no queue is trusted: whatever is owed may have been published by nobody.
        before = self._now() + PUBLISH_GRACE
        while True:
            wait = _EVERY
            with _trouble_told():
                if self._publisher.connected:
                    await self.owe_without_receipts()
                    await self.fill_dry_queues(before)
                    await self.open_lost_replays(self._now() - _REPLAY_PATIENCE)
                    wait = _REFILL_EVERY
            await asyncio.sleep(wait.total_seconds())
            if wait is _REFILL_EVERY:
                before = self._now()

    async def _refill(self, owes: Owes, place: str, before: datetime, most: int) -> None:
        while most > 0:
            limit = min(most, _AT_ONCE)
            owed = await self._take(
                lambda c, limit=limit: refill(c, owes, place, before, limit, PUBLISH_GRACE)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
            await self._publish(owed)
            most = most - limit if len(owed) == limit else 0

    async def _publish(self, owed: list[Due]) -> None:
        try:
            await announce(self._publisher, *owed)
        except Unroutable as failure:
            # A place without a queue, as of an authority that is in no table any more: PLACING
            # names what is owed to it, and once it has a queue `fill_dry_queues` publishes it.
            _log.warning("dispatch.no_queue", cause=failure.cause)
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


@contextmanager
def _trouble_told() -> Iterator[None]:
    """Trouble with broker or store ends one look only, never the safety net itself."""
    try:
        yield
    except Exception as failure:  # noqa: BLE001 - a broker that goes fails in many ways
        cause = failure.cause if isinstance(failure, HubFailure) else type(failure).__name__
        _log.warning("dispatch.failed", cause=cause)


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
