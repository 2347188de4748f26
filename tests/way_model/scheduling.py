"""Runs handlers in tasks that stop where a process may end, and go on in whatever order is asked.

A *point* lies before and after everything that reaches outside a handler: a commit, a publish,
a call of a system or a mailbox. A job passes as many points as it is allowed to and stops at the
next; a crash ends every job where it stands. Nothing depends on the time of this machine.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

__all__ = ["Inline", "Job", "Scheduler"]

T = TypeVar("T")

_ROUNDS: Final = 40
"""Turns of the loop after which a job that has no point to reach waits for another one."""


@dataclass(eq=False)
class Job:
    """One handler at work. `points` it may still pass; None is any number."""

    name: str
    end: Callable[[BaseException | None], None]
    points: int | None = None
    stopped: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[Any] | None = None

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.done()


class Scheduler:
    """All jobs of one process. `busy`: threads that work for them right now."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._job: ContextVar[Job | None] = ContextVar("job", default=None)
        self._busy = 0
        self._idle = asyncio.Event()

    async def point(self) -> None:
        """The process may end here, or others may go first."""
        job = self._job.get()
        if job is None or job.points is None:
            return
        if job.points > 0:
            job.points -= 1
            return
        job.stopped = True
        job.go.clear()
        await job.go.wait()

    async def in_threads(self, work: Coroutine[Any, Any, T]) -> T:
        """Await what threads do."""
        self._busy += 1
        try:
            return await work
        finally:
            self._busy -= 1
            self._idle.set()

    async def begin(
        self,
        name: str,
        work: Coroutine[Any, Any, None],
        end: Callable[[BaseException | None], None],
        points: int | None,
    ) -> Job:
        """Start a job and let it pass so many points; `end` hears how it ended by itself."""
        job = Job(name, end, points)
        token = self._job.set(job)
        job.task = asyncio.create_task(work, name=name)
        self._job.reset(token)
        self.jobs.append(job)
        await self._settle(job)
        return job

    async def go_on(self, job: Job, points: int | None) -> None:
        """Let a stopped job pass so many points more; one that waits for another just may."""
        job.points, job.stopped = points, False
        job.go.set()
        await self._settle(job)

    async def finish(self) -> None:
        """Let every job come to its end, in the order in which they began."""
        while self.jobs:
            for job in list(self.jobs):
                await self.go_on(job, None)

    async def crash(self) -> list[Job]:
        """End every job where it stands, as the end of the process does."""
        dropped, self.jobs = self.jobs, []
        for job in dropped:
            if job.task is not None:
                job.task.cancel()
        await asyncio.gather(*(j.task for j in dropped if j.task), return_exceptions=True)
        return dropped

    async def _settle(self, job: Job) -> None:
        rounds = 0
        while not (job.done or job.stopped) and rounds < _ROUNDS:
            if self._busy:
                self._idle.clear()
                await self._idle.wait()
                rounds = 0
            await asyncio.sleep(0)
            rounds += 1
        for each in [each for each in self.jobs if each.done]:
            self.jobs.remove(each)
            assert each.task is not None
            each.end(each.task.exception())


class Inline(ThreadPoolExecutor):
    """Does at once what others would do in a thread: the same each time."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is the caller's, whatever it is
            done.set_exception(error)
        return done
