"""Pauses and resumes the consumers of what is parked: authorities, and providers of mailboxes.

The store is asked, not told: with several processes each follows the same rows, and a process
that starts finds parked what was parked. At the time of the next probe one message is let through
(`hub.stages.outage` sees to that); when it has arrived, the rest follow slowly at first: one at a
time, then two, four, up to what the place takes otherwise. What a person has paused is not probed:
only a person lets it go on.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog

from hub.broker import Subscription
from hub.model.failure import HubFailure
from hub.store import Parking, Store, parkings, pauses

__all__ = ["Attendant", "wanted"]

_EVERY: Final = 1.0

_log = structlog.get_logger()

Mode = Literal["open", "probing", "parked", "paused"]


def wanted(parking: Parking | None, now: datetime, *, paused: bool) -> Mode:
    """Whether a queue is to be consumed, probed, or left alone."""
    if paused:
        return "paused"
    if parking is None:
        return "open"
    return parking.state(now)


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
        self._resuming: dict[str, _Resuming] = {}
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
            # Not `wait_for`: Python 3.11's forgets a cancellation in the step in which it is done.
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY):
                    await self._look_now.wait()
            self._look_now.clear()

    async def look(self) -> None:
        """Bring every subscription into its mode."""
        parked = {parking.authority: parking for parking in await self._store.read(parkings)}
        paused = {pause.authority for pause in await self._store.read(pauses)}
        now = self._now()
        for place, subscription in list(self._subscriptions.items()):
            mode = wanted(parked.get(place), now, paused=place in paused)
            if mode != self._modes.get(place, "open"):
                await self._bring(place, subscription, mode)
                _log.info("parking", place=place, mode=mode)
            elif place in self._resuming:
                await self._widen(place, subscription)

    async def _bring(self, place: str, subscription: Subscription, mode: Mode) -> None:
        before, self._modes[place] = self._modes.get(place, "open"), mode
        self._resuming.pop(place, None)
        if mode in ("parked", "paused"):
            # Not waited for: a handler that hangs, as they do in an outage, would keep everybody
            # else from being parked, probed and resumed.
            subscription.hold()
        elif mode == "probing":
            await subscription.resume(prefetch=1)
        elif before == "paused":
            await subscription.resume()
        else:
            self._resuming[place] = _Resuming(1, subscription.taken)
            await subscription.resume(prefetch=1)

    async def _widen(self, place: str, subscription: Subscription) -> None:
        """Let twice as many through at a time, once as many as at present have come through."""
        at_present = self._resuming[place]
        if subscription.taken - at_present.taken_before < at_present.width:
            return
        wider = at_present.width * 2
        if wider < subscription.usual_prefetch:
            self._resuming[place] = _Resuming(wider, subscription.taken)
            await subscription.resume(prefetch=wider)
        else:
            del self._resuming[place]
            await subscription.resume()


@dataclass(frozen=True, slots=True)
class _Resuming:
    """How many messages at a time a place is given that has just come back, and since when."""

    width: int
    taken_before: int
