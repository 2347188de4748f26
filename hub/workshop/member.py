"""One process of a crew, as the event loop sees it: it does one job after the other.

Only the first job is at work: its time runs, and it is to blame for what happens. Others that
are light may have been told already, so that the process need not fall asleep between two, which
costs as much as a job. They are taken back as soon as the first keeps them waiting.

All is done in callbacks of the loop; in threads is only what waits: the reading of a document, and
the end of a process.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from hub.model.failure import AdapterFailed, HubFailure, TransientFailure
from hub.model.identifiers import DocumentId
from hub.workshop.failures import Failed, Raised
from hub.workshop.frames import TooLarge
from hub.workshop.job import Bounds, Job
from hub.workshop.process import Process
from hub.workshop.protocol import (
    ANSWER,
    CALL,
    Answer,
    Exhausted,
    Load,
    Loaded,
    NotLoaded,
    Ready,
)

__all__ = ["Member"]

_MEGABYTE: Final = 1024 * 1024
_START: Final = timedelta(seconds=45)
_WORKER: Final = "hub.workshop.worker"
_MOST_JOBS: Final = 8
_KEPT_WAITING_SECONDS: Final = 0.25
"""A light job takes a few milliseconds, also on a machine that has too much to do."""


class Member:
    """A process that is started for its first job, and stays for others.

    Args:
        adapter: its name, for failures.
        arguments: of the worker.
        bounds: of each call.
        free: called when it can take another job, or has ended, with the jobs that it gives back.
    """

    def __init__(
        self,
        adapter: str,
        arguments: tuple[str, ...],
        bounds: Bounds,
        free: Callable[[Sequence[Job]], None],
    ) -> None:
        self._adapter = adapter
        self._bounds = bounds
        self._free = free
        self._loop = asyncio.get_running_loop()
        # A child ends with the thread that started it (hub.workshop.inside): the loop's.
        self._process = Process(_WORKER, *arguments)
        self._loop.add_reader(self._process.output, self._hear)
        self._loaded = False
        self._jobs: deque[Job | None] = deque()
        """What it will answer, in this order; None: what was taken back after it was told."""
        self._began = 0.0
        self._until: float | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.ending: asyncio.Task[None] | None = None
        """Done when nothing of the process is left; None as long as it is of use."""

    @property
    def jobs(self) -> int:
        """How many it has."""
        return len(self._jobs)

    def is_idle(self) -> bool:
        """Whether it has nothing to do. One that ended since its last job is put away now."""
        if self._jobs or self.ending is not None:
            return False
        if not self._process.alive:
            self._put_away()
        return self.ending is None

    def has_room_for(self, job: Job) -> bool:
        """Whether it will get to this one soon enough to be told now."""
        return (
            self._loaded
            and self.ending is None
            and job.light
            and len(self._jobs) < _MOST_JOBS
            and all(each is not None and each.light for each in self._jobs)
        )

    def take(self, job: Job) -> None:
        """Do this when it is its turn."""
        self._jobs.append(job)
        if not self._loaded:
            job.begun = True
            self._grant(_START.total_seconds())
            return
        self._tell(*job.said)
        if len(self._jobs) == 1:
            self._begin(job)
        else:
            self._be_woken_at(self._began + _KEPT_WAITING_SECONDS)

    async def close(self) -> None:
        """End it, also in the middle of a job, and leave nothing behind."""
        if self.ending is None:
            self._process.kill()
            self._end()
        assert self.ending is not None  # noqa: S101 - it was just begun, or before
        await self.ending

    def _hear(self) -> None:
        try:
            for frame in self._process.receive():
                if self.ending is None:
                    self._understand(frame)
        except EOFError:
            self._end()
        except (TooLarge, ValueError):  # ValidationError is one as well
            self._end(self._died("an answer that is none"))

    def _understand(self, frame: list[bytes]) -> None:
        said, *parts = frame
        answer = ANSWER.validate_json(said)
        if not self._jobs or self._until is None:
            raise ValueError("it was not asked anything")
        job = self._jobs[0]
        if isinstance(answer, Exhausted):
            self._end(self._out_of_memory())
        elif not self._loaded:
            self._start(answer)
        elif isinstance(answer, Load):
            self._bring(job, answer.document)
        else:
            if job is not None:
                self._settle(job, answer, parts)
            self._go_on()

    def _start(self, answer: Answer) -> None:
        if (failure := self._failure(answer)) is not None:
            self._end(failure)
        elif not isinstance(answer, Ready):
            raise ValueError("it was not asked this")
        else:
            self._process.is_loaded()
            self._loaded = True
            if (job := self._jobs.popleft()) is not None:
                self.take(job)

    def _settle(self, job: Job, answer: Answer, parts: list[bytes]) -> None:
        failure = job.documents.failure or self._failure(answer)
        if failure is not None:
            job.fail(failure)
        elif job.fits(answer, parts):
            job.answer((answer, parts))
        else:
            raise ValueError("it was not asked this")

    def _failure(self, answer: Answer) -> HubFailure | None:
        match answer:
            case Failed():
                return answer.failure()
            case Raised():
                return answer.failure(self._adapter)
        return None

    def _go_on(self) -> None:
        self._until = None
        if self._process.grown() > self._bounds.megabytes * _MEGABYTE // 2:
            # Perhaps by the next job, which it has begun by itself: nobody fails, all go elsewhere.
            self._jobs[0] = None
            self._process.kill()
            self._end()
            return
        self._jobs.popleft()
        if self._jobs:
            self._begin(self._jobs[0])
        self._free(())

    def _begin(self, job: Job | None) -> None:
        if job is not None:
            job.begun = True
        self._began = self._loop.time()
        self._grant(self._bounds.time.total_seconds())

    def _bring(self, job: Job | None, id_: DocumentId) -> None:
        if job is None:
            self._tell(CALL.dump_json(NotLoaded()))
            return
        # Meanwhile its time stands still: it is the store's.
        left, self._until = (self._until or 0) - self._loop.time(), None

        def brought(loading: asyncio.Future[bytes | None]) -> None:
            if self.ending is not None:
                return
            self._grant(left)
            content = loading.result()
            if content is None:
                self._tell(CALL.dump_json(NotLoaded()))
            else:
                self._tell(CALL.dump_json(Loaded()), content)

        self._loop.run_in_executor(None, job.documents.load, id_).add_done_callback(brought)

    def _tell(self, *said: bytes) -> None:
        try:
            if not self._process.send(said):
                self._loop.add_writer(self._process.input, self._tell_rest)
        except BrokenPipeError:
            pass  # it has ended, as the end of its output will show

    def _tell_rest(self) -> None:
        try:
            told = self._process.send_rest()
        except BrokenPipeError:
            told = True
        if told:
            self._loop.remove_writer(self._process.input)

    def _grant(self, seconds: float) -> None:
        self._until = self._loop.time() + seconds
        self._be_woken_at(self._until)

    def _be_woken_at(self, at: float) -> None:
        """At the latest; one alarm serves many jobs, most of which are done before it rings."""
        if self._alarm is None or at < self._alarm.when():
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_at(at, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._alarm = None
        now, waits_until = self._loop.time(), self._began + _KEPT_WAITING_SECONDS
        if self._until is not None and now >= self._until:
            self._end(self._too_slow())
            return
        if len(self._jobs) > 1 and now >= waits_until:
            self._free(self._take_back())
        elif len(self._jobs) > 1:
            self._be_woken_at(waits_until)
        if self._until is not None:
            self._be_woken_at(self._until)

    def _take_back(self) -> list[Job]:
        first, *others = self._jobs
        self._jobs = deque([first, *(None for _ in others)])
        return [job for job in others if job is not None]

    def _end(self, failure: Exception | None = None) -> None:
        """End it; its first job fails so, or with how the process ended."""
        if failure is not None:
            self._process.kill()
        self._free(self._put_away(failure))

    def _put_away(self, failure: Exception | None = None) -> list[Job]:
        if self.ending is not None:
            return []
        self._loop.remove_reader(self._process.output)
        self._loop.remove_writer(self._process.input)
        if self._alarm is not None:
            self._alarm.cancel()
        self._until = None
        others = self._take_back() if self._jobs else []
        job = self._jobs[0] if self._jobs else None
        self._jobs.clear()
        self.ending = self._loop.create_task(self._see_it_end(job, failure))
        return others

    async def _see_it_end(self, job: Job | None, failure: Exception | None) -> None:
        ended = await asyncio.to_thread(self._process.ended)
        if job is not None:
            job.fail(failure or self._died(ended.how))

    def _too_slow(self) -> TransientFailure:
        seconds = self._bounds.time.total_seconds()
        sentence = f"Adapter {self._adapter} did not return within {seconds:.0f} s."
        return TransientFailure("adapter.too_slow", sentence)

    def _died(self, how: str) -> AdapterFailed:
        sentence = f"Adapter {self._adapter} ended its process ({how})."
        return AdapterFailed("adapter.died", sentence)

    def _out_of_memory(self) -> AdapterFailed:
        sentence = (
            f"Adapter {self._adapter} needed more than {self._bounds.megabytes} MB of memory."
        )
        return AdapterFailed("adapter.out_of_memory", sentence)
