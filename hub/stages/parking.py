"""Pauses and resumes the consumers of what is parked: authorities, and providers of mailboxes.

The store is asked, not told: with several processes each follows the same rows, and a process
that starts finds parked what was parked. At the time of the next probe one message at a time is
let through; the first that arrives opens the way for the rest. What a person has paused is not
probed: only a person lets it go on.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

import structlog

from hub.broker import Subscription
from hub.model.failure import HubFailure
from hub.stages.decision import probe_delay
from hub.store import Connection, Parking, Store, park, parkings, pauses

__all__ = ["Attendant", "met_outage", "wanted"]

_EVERY: Final = 1.0

_log = structlog.get_logger()

Mode = Literal["open", "probing", "parked", "paused"]


def wanted(parking: Parking | None, now: datetime, *, paused: bool) -> Mode:
    """Whether a queue is to be consumed, probed, or left alone."""
    if paused:
        return "paused"
    if parking is None:
        return "open"
    return "probing" if parking.next_probe <= now else "parked"


def met_outage(
    connection: Connection, place: str, cause: str, now: datetime
) -> tuple[Parking, bool]:
    """Park an authority or a provider; says also whether that is new: a first failure or probe.

    Several messages in flight meet one outage: only the first of them counts.
    """
    known = {parking.authority: parking for parking in parkings(connection)}
    parking = known.get(place)
    if parking is not None and parking.next_probe > now:
        return parking, False
    failures = parking.failures + 1 if parking else 1
    return park(connection, place, cause, now, now + probe_delay(failures)), True


class Attendant:
    """Holds each place's subscription in the mode that the store wants."""

    def __init__(
        self,
        store: Store,
        subscriptions: Mapping[str, Subscription],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._now = now
        self._modes: dict[str, Mode] = {}
        self._look_now = asyncio.Event()

    def look_soon(self) -> None:
        """Something was just parked: do not wait for the next look."""
        self._look_now.set()

    def all_are_paused(self) -> None:
        """Somebody else has paused every subscription: the next look resumes whom it may."""
        self._modes = dict.fromkeys(self._subscriptions, "paused")
        self.look_soon()

    async def run(self) -> None:
        """Look every second, and at once after `look_soon`, until cancelled."""
        while True:
            try:
                await self.look()
            except HubFailure as failure:
                _log.warning("parking.failed", cause=failure.cause)
            try:
                await asyncio.wait_for(self._look_now.wait(), _EVERY)
            except TimeoutError:
                continue
            self._look_now.clear()

    async def look(self) -> None:
        """Bring every subscription into its mode."""
        parked = {parking.authority: parking for parking in await self._store.read(parkings)}
        paused = {pause.authority for pause in await self._store.read(pauses)}
        now = self._now()
        for place, subscription in list(self._subscriptions.items()):
            mode = wanted(parked.get(place), now, paused=place in paused)
            if mode != self._modes.get(place, "open"):
                await _bring(subscription, mode)
                self._modes[place] = mode
                _log.info("parking", place=place, mode=mode)


async def _bring(subscription: Subscription, mode: Mode) -> None:
    if mode in ("parked", "paused"):
        await subscription.pause()
    else:
        await subscription.resume(prefetch=1 if mode == "probing" else None)
