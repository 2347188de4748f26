"""The few processes of one adapter: each does one call at a time, so that a culprit is known.

A process that hangs, dies, or ran out of memory is replaced, and so is one that has grown: a
slow leak never becomes anybody's failure. Whoever finds no free process waits in line.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from hub.model.failure import TransientFailure
from hub.workshop.job import Answered, Bounds, Job
from hub.workshop.member import Member

__all__ = ["AdapterBusy", "Bounds", "Crew"]

_SIZE: Final = 2


class AdapterBusy(TransientFailure):
    """No process of the adapter was free in time: with this message nothing was tried."""


class Crew:
    """The processes of one adapter, started when first needed."""

    def __init__(self, adapter: str, arguments: tuple[str, ...], bounds: Bounds) -> None:
        self._adapter = adapter
        self._arguments = arguments
        self._bounds = bounds
        self._line: deque[Job] = deque()
        self._members: list[Member] = []
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False
        self._turns_away = False

    async def run(self, job: Job) -> Answered:
        """Have a process do this job, and wait for one as long as the job may.

        Raises:
            AdapterBusy: none was free in time, or the hub is ending.
            TransientFailure: `adapter.too_slow`: the work was not done in time.
            AdapterFailed: `adapter.died` or `adapter.out_of_memory`; `unexpected`: it raised,
                or cannot be loaded.
            Exception: why a document could not be loaded.
        """
        self._line.append(job)
        self._hand_out()
        if job.begun or job.wait is None:
            return await job.answered
        seconds = job.wait.total_seconds()
        patience = asyncio.get_running_loop().call_later(seconds, self._turn_one_away, job)
        try:
            return await job.answered
        finally:
            patience.cancel()

    def turn_away(self) -> None:
        """Let nobody wait any more who would not wait for ever; calls at work go on."""
        self._turns_away = True
        for job in self._line:
            if not self._is_welcome(job):
                self._turn_one_away(job)

    async def close(self) -> None:
        """End every process, also in the middle of a call, and leave nothing behind."""
        self._closed = True
        await asyncio.gather(*self._endings, *(member.close() for member in self._members))
        self._hand_out()

    def _turn_one_away(self, job: Job) -> None:
        if not job.begun:
            job.fail(self._busy())

    def _busy(self) -> AdapterBusy:
        return AdapterBusy("adapter.busy", f"Adapter {self._adapter} is busy with other messages.")

    def _is_welcome(self, job: Job) -> bool:
        return not self._closed and (job.wait is None or not self._turns_away)

    def _hand_out(self, back: Sequence[Job] = ()) -> None:
        """Give out what stands in line, before it what was given back."""
        self._line.extendleft(reversed(back))
        while self._line:
            job = self._line[0]
            if not self._is_welcome(job):
                self._turn_one_away(job)
            if not job.answered.done():  # else it was turned away, or nobody waits for it any more
                try:
                    member = self._member_for(job)
                except OSError as error:  # no process can be started
                    job.fail(error)
                else:
                    if member is None:
                        return
                    member.take(job)
            self._line.popleft()

    def _member_for(self, job: Job) -> Member | None:
        for member in tuple(self._members):
            if member.is_idle():
                return member
            if member.ending is not None:
                self._members.remove(member)
                self._endings.add(member.ending)
                member.ending.add_done_callback(self._endings.discard)
        if len(self._members) < _SIZE:
            member = Member(self._adapter, self._arguments, self._bounds, self._hand_out)
            self._members.append(member)
            return member
        have_room = (member for member in self._members if member.has_room_for(job))
        return min(have_room, key=lambda member: member.jobs, default=None)
