"""One process of a crew at work, as the event loop sees it: one call, from told to answered.

All is done in callbacks of the loop, for a call costs the hub hardly more than what is said; in
threads is only what waits: reading a document, and the end of a process. Only one side speaks at
a time, so neither ever waits for the other to read.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from hub.model.failure import AdapterFailed, TransientFailure
from hub.model.identifiers import DocumentId
from hub.workshop.documents import Documents
from hub.workshop.failures import Failed, Raised
from hub.workshop.frames import Frame, TooLarge
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

__all__ = ["Answered", "Bounds", "Job", "Member"]

_MEGABYTE: Final = 1024 * 1024
_START: Final = timedelta(seconds=45)
_WORKER: Final = "hub.workshop.worker"

Answered = tuple[Answer, list[bytes]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: time, and memory beyond that of the loaded adapter.

    A message with 50 MB of documents takes about two seconds to write, prove and serialise. A
    process that holds on to more than half of its memory is replaced.
    """

    time: timedelta = timedelta(seconds=60)
    megabytes: int = 1024


@dataclass(slots=True, eq=False)
class Job:
    """A call, and who waits for its answer.

    Attributes:
        said: the call as the process is told it.
        fits: whether an answer is one to this call.
        documents: what it may ask for.
        wait: how long to stand in line; None for as long as it takes.
        begun: a process has it.
        answered: what came of it.
    """

    said: Frame
    fits: Callable[[Answer, list[bytes]], bool]
    documents: Documents
    wait: timedelta | None
    begun: bool = False
    answered: asyncio.Future[Answered] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def answer(self, answered: Answered) -> None:
        """Wake who waits, if anybody still does."""
        if not self.answered.done():
            self.answered.set_result(answered)

    def fail(self, failure: Exception) -> None:
        """Raise it where the answer is waited for."""
        if not self.answered.done():
            self.answered.set_exception(failure)


class Member:
    """A process that is started for its first job, and does others once it has answered.

    Args:
        adapter: its name, for failures.
        arguments: of the worker.
        bounds: of each call.
        free: called when it can take another job, or has ended.
    """

    def __init__(
        self, adapter: str, arguments: tuple[str, ...], bounds: Bounds, free: Callable[[], None]
    ) -> None:
        self._adapter = adapter
        self._bounds = bounds
        self._free = free
        self._loop = asyncio.get_running_loop()
        # A child ends with the thread that started it (hub.workshop.inside): the loop's.
        self._process = Process(_WORKER, *arguments)
        self._loop.add_reader(self._process.output, self._hear)
        self._loaded = False
        self._job: Job | None = None
        self._until: float | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.ending: asyncio.Task[None] | None = None
        """Done when nothing of the process is left; None as long as it is of use."""

    def is_free(self) -> bool:
        """Whether it can take a job. One that ended since its last call is put away now."""
        if self._job is not None or self.ending is not None:
            return False
        if not self._process.alive:
            self._put_away()
        return self.ending is None

    def take(self, job: Job) -> None:
        """Do this: at once, or when the adapter is loaded."""
        job.begun = True
        self._job = job
        if self._loaded:
            self._grant(self._bounds.time.total_seconds())
            self._tell(*job.said)
        else:
            self._grant(_START.total_seconds())

    async def close(self) -> None:
        """End it, also in the middle of a call, and leave nothing behind."""
        if self.ending is None:
            self._process.kill()
        await self._put_away()

    def _hear(self) -> None:
        try:
            for frame in self._process.receive():
                self._understand(frame)
        except EOFError:
            self._end()
        except (TooLarge, ValueError):  # ValidationError is one as well
            self._end(self._died("an answer that is none"))

    def _understand(self, frame: list[bytes]) -> None:
        said, *parts = frame
        answer, job = ANSWER.validate_json(said), self._job
        if job is None or self._until is None:
            raise ValueError("nothing was asked")
        if isinstance(answer, Load):
            self._bring(job, answer.document)
        elif isinstance(answer, Exhausted):
            self._end(self._out_of_memory())
        elif (failure := self._failure(job, answer)) is not None:
            if self._loaded:
                job.fail(failure)
                self._be_free()
            else:
                self._end(failure)
        elif isinstance(answer, Ready):
            self._begin(job)
        elif job.fits(answer, parts):
            job.answer((answer, parts))
            self._be_free()
        else:
            raise ValueError("another thing was asked")

    def _failure(self, job: Job, answer: Answer) -> Exception | None:
        if job.documents.failure is not None:
            return job.documents.failure
        match answer:
            case Failed():
                return answer.failure()
            case Raised():
                return answer.failure(self._adapter)
        return None

    def _begin(self, job: Job) -> None:
        self._process.is_loaded()
        self._loaded = True
        self.take(job)

    def _bring(self, job: Job, id_: DocumentId) -> None:
        """Load it while the clock stands still: it is the store's time, not the adapter's."""
        left, self._until = (self._until or 0) - self._loop.time(), None

        def brought(loading: asyncio.Future[bytes | None]) -> None:
            if self._job is not job:
                return
            self._grant(left)
            content = loading.result()
            if content is None:
                self._tell(CALL.dump_json(NotLoaded()))
            else:
                self._tell(CALL.dump_json(Loaded()), content)

        self._loop.run_in_executor(None, job.documents.load, id_).add_done_callback(brought)

    def _be_free(self) -> None:
        self._job = self._until = None
        if self._process.grown() > self._bounds.megabytes * _MEGABYTE // 2:
            self._process.kill()
            self._put_away()
        self._free()

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
        if self._alarm is None or self._until < self._alarm.when():
            self._set_alarm(self._until)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(at, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        # One alarm for many calls: most were answered long before it rings.
        self._alarm = None
        if self._until is None:
            return
        if self._loop.time() < self._until:
            self._set_alarm(self._until)
        else:
            self._end(self._too_slow())

    def _end(self, failure: Exception | None = None) -> None:
        if failure is not None:
            self._process.kill()
        self._put_away(failure)
        self._free()

    def _put_away(self, failure: Exception | None = None) -> asyncio.Task[None]:
        """Talk to it no more; its job fails so, or with the way in which the process ended."""
        if self.ending is not None:
            return self.ending
        self._loop.remove_reader(self._process.output)
        self._loop.remove_writer(self._process.input)
        if self._alarm is not None:
            self._alarm.cancel()
        job, self._job, self._until = self._job, None, None
        self.ending = self._loop.create_task(self._see_it_end(job, failure))
        return self.ending

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
