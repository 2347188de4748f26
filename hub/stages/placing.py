"""PLACING: every owed message is found in a queue, in a handler or due in future, or is named.

The store says where each should be, the broker how many its queues hold. The two are asked one
after the other while messages move, so that what does not fit counts only if it did not fit
before, too.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.broker import delivery_queue, mailbox_queue
from hub.model.identifiers import MessageUuid
from hub.store import (
    Astray,
    Connection,
    Placing,
    Store,
    Whereabouts,
    astray,
    longest_published,
    placings,
)

__all__ = ["Depths", "Placed", "place_owed"]

Depths = Callable[[Iterable[str]], Awaitable[Mapping[str, int]]]
"""How many messages wait in each of those queues that there are."""

_BETWEEN_LOOKS: Final = timedelta(seconds=2)
_MOST_NAMED: Final = 100
"""Messages of one queue that are named; the sentence counts all."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everything that is owed was at `at`.

    `nowhere` names each message that no part of the hub would take up again, and says what to do.
    `missed` names references that their queue has lost: the hub publishes them again by itself.
    `broker`: whether the queues were looked at; without them only the store's word counts.
    """

    at: datetime
    broker: bool
    places: dict[str, int]
    nowhere: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    placings: Sequence[Placing]
    nowhere: Mapping[MessageUuid, str]
    missed: Mapping[MessageUuid, str]


async def place_owed(
    store: Store,
    depths: Depths | None,
    now: Callable[[], datetime],
    *,
    between: timedelta = _BETWEEN_LOOKS,
) -> Placed:
    """Look at everything that is owed. `depths` is None where no broker can be asked.

    Raises:
        StoreAway: the store cannot be read.
        ConnectionError or TimeoutError: the broker went away meanwhile.
    """
    look = await _look(store, depths, now())
    nowhere, missed = look.nowhere, look.missed
    if nowhere or missed:
        await asyncio.sleep(between.total_seconds())
        look = await _look(store, depths, now())
        nowhere = {id_: why for id_, why in look.nowhere.items() if id_ in nowhere}
        missed = {id_: why for id_, why in look.missed.items() if id_ in missed}
    counts: Counter[str] = Counter()
    for each in look.placings:
        counts[each.where.value] += each.count
    return Placed(
        at=now(),
        broker=depths is not None,
        places={place.value: counts[place.value] for place in Whereabouts},
        nowhere=_sentences(nowhere),
        missed=_sentences(missed),
    )


async def _look(store: Store, depths: Depths | None, now: datetime) -> _Look:
    def read(connection: Connection) -> tuple[list[Placing], list[Astray]]:
        return placings(connection, now), astray(connection, now)

    placed, lost = await store.read(read)
    nowhere = {each.message: each.why for each in lost}
    missed: dict[MessageUuid, str] = {}
    queues = {_queue(each): each for each in placed if each.where is Whereabouts.QUEUE}
    waiting = await depths(queues) if depths is not None and queues else {}
    for queue, each in queues.items() if depths is not None else ():
        there = waiting.get(queue)
        if there is None:
            why = f"there is no queue {queue}: {_remedy(each)}"
            nowhere |= dict.fromkeys(await _oldest(store, each, now, each.count), why)
        elif there < each.count:
            why = (
                f"its reference is not in {queue}, which holds {there} of {each.count}; it is"
                " published again as soon as that queue has run dry."
            )
            missed |= dict.fromkeys(await _oldest(store, each, now, each.count - there), why)
    return _Look(placed, nowhere, missed)


async def _oldest(store: Store, of: Placing, now: datetime, count: int) -> list[MessageUuid]:
    limit = min(count, _MOST_NAMED)
    return await store.read(lambda c: longest_published(c, of.owes, of.at, now, limit))


def _queue(placing: Placing) -> str:
    return delivery_queue(placing.at) if placing.owes == "deliver" else mailbox_queue(placing.at)


def _remedy(placing: Placing) -> str:
    if placing.owes == "deliver":
        return f"put authority {placing.at} back into routing.yaml, or forward its cases."
    return f"the hub's settings have no mailbox provider {placing.at}."


def _sentences(found: Mapping[MessageUuid, str]) -> tuple[str, ...]:
    return tuple(f"message {id_}: {why}" for id_, why in sorted(found.items()))
