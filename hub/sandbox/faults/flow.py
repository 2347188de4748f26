"""Cases that are played while faults happen: as many at a time as there is room for.

Each case is a task of its own: its applicant sends, looks into the mailbox, answers, and is done
when all letters of its course have come and the hub owes it nothing more.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from hub.model.failure import HubFailure
from hub.model.identifiers import CaseId
from hub.sandbox.applicants import Applicants
from hub.sandbox.observer import Observer
from hub.sandbox.samples import Sample

__all__ = ["Flow"]

_AT_ONCE: Final = 10
_LOOK_EVERY: Final = 0.5


class Flow:
    """All cases of one world.

    Args:
        make: the sample with a number, from 1.
        applicants: who sends and answers.
        observer: looks into the mailboxes.

    Attributes:
        samples: those begun so far.
        letters: how many each case has so far.
    """

    def __init__(
        self, make: Callable[[int], Sample], applicants: Applicants, observer: Observer
    ) -> None:
        self._make = make
        self._applicants = applicants
        self._observer = observer
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._moved_at = time.monotonic()
        self._open: dict[CaseId, asyncio.Task[None]] = {}
        self.samples: list[Sample] = []
        self.letters: dict[CaseId, int] = {}

    @property
    def open(self) -> int:
        """Cases that have not run their course."""
        return len(self._open)

    async def run(self) -> None:
        """Begin cases until cancelled; those that were begun go on."""
        while True:
            await self._room.acquire()
            sample = await asyncio.to_thread(self._make, len(self.samples) + 1)
            self.samples.append(sample)
            self._open[sample.case] = asyncio.create_task(self._play(sample))

    async def settle(self, patience: timedelta) -> bool:
        """Wait until every case is done; False if nothing has moved for so long before that."""
        self._moved_at, longest = time.monotonic(), patience.total_seconds()
        while self._open and time.monotonic() - self._moved_at < longest:
            await asyncio.wait(self._open.values(), timeout=1, return_when=asyncio.FIRST_COMPLETED)
        return not self._open

    async def stop(self) -> None:
        """End what is still open."""
        playing = list(self._open.values())
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)

    async def _play(self, sample: Sample) -> None:
        await self._applicants.send([sample])
        while not await self._is_done(sample):  # noqa: ASYNC110 - letters announce themselves to nobody
            await asyncio.sleep(_LOOK_EVERY)
        del self._open[sample.case]
        self._moved_at = time.monotonic()
        self._room.release()

    async def _is_done(self, sample: Sample) -> bool:
        try:
            letters = await self._observer.letters(sample.case)
            if len(letters) != self.letters.get(sample.case, 0):
                self.letters[sample.case] = len(letters)
                self._moved_at = time.monotonic()
            await self._applicants.read(sample, letters)
            if len(letters) < len(sample.course.letters):
                return False
            return sample.case in await self._observer.settled([sample.case])
        except HubFailure:
            return False  # the store is away: one of the faults
