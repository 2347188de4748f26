"""The few processes of one adapter: each does one call at a time, so that a culprit is known.

A process that hangs, dies, or ran out of memory is replaced, and so is one that has grown: a
slow leak never becomes anybody's failure. Whoever finds no free process waits in line.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from hub.model.failure import AdapterFailed, HubFailure, TransientFailure
from hub.workshop.failures import Failed, Raised
from hub.workshop.process import Deadline, Ended, Hung, Process
from hub.workshop.protocol import ANSWER

__all__ = ["AdapterBusy", "Bounds", "Crew", "OutOfMemory"]

_MEGABYTE: Final = 1024 * 1024
_START: Final = timedelta(seconds=45)
_SIZE: Final = 2
_WORKER: Final = "hub.workshop.worker"

T = TypeVar("T")


class AdapterBusy(TransientFailure):
    """No process of the adapter was free in time: with this message nothing was tried."""


class OutOfMemory(Exception):
    """The process needed more memory than it may have."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: time, and memory beyond that of the loaded adapter.

    A message with 50 MB of documents takes about two seconds to write, prove and serialise. A
    process that holds on to more than half of its memory is replaced.
    """

    time: timedelta = timedelta(seconds=60)
    megabytes: int = 1024


class Crew:
    """The processes of one adapter, started when first needed, each by a thread of its own."""

    def __init__(self, adapter: str, arguments: tuple[str, ...], bounds: Bounds) -> None:
        self._adapter = adapter
        self._arguments = arguments
        self._bounds = bounds
        self._places = asyncio.Semaphore(_SIZE)
        # A child ends with the thread that started it (hub.workshop.inside): these live as long.
        self._threads = ThreadPoolExecutor(_SIZE, thread_name_prefix=f"adapter-{adapter}")
        self._idle: list[Process] = []
        self._processes: set[Process] = set()
        self._closed = False
        self._turns_away = False

    async def run(self, work: Callable[[Process, Deadline], T], wait: timedelta | None) -> T:
        """Do `work` with a free process, for which to wait no longer than that.

        Raises:
            AdapterBusy: none was free in time, or the hub is ending.
            TransientFailure: `adapter.too_slow`: the work was not done in time.
            AdapterFailed: `adapter.died` or `adapter.out_of_memory`; `unexpected`: the adapter
                cannot be loaded.
            Exception: whatever `work` raised.
        """
        await self._place(wait)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._with_process, work)
        finally:
            self._places.release()

    def turn_away(self) -> None:
        """Let nobody wait any more who would not wait for ever; calls at work go on."""
        self._turns_away = True
        self._places.release()  # whoever is first in line passes it on to the next

    async def close(self) -> None:
        """End every process, also in the middle of a call, and leave nothing behind."""
        self._closed = True
        for process in tuple(self._processes):
            process.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for process in tuple(self._processes):
            self._end(process)

    async def _place(self, wait: timedelta | None) -> None:
        try:
            async with asyncio.timeout(None if wait is None else wait.total_seconds()):
                await self._places.acquire()
        except TimeoutError:
            raise self._busy() from None
        if self._turns_away and wait is not None:
            self._places.release()
            raise self._busy()

    def _busy(self) -> AdapterBusy:
        return AdapterBusy("adapter.busy", f"Adapter {self._adapter} is busy with other messages.")

    def _with_process(self, work: Callable[[Process, Deadline], T]) -> T:
        with self._telling_what_became_of_it():
            process = self._take()
            try:
                done = work(process, Deadline(self._bounds.time))
            except HubFailure:
                self._put_back(process)  # it said why, and is fit for the next call
                raise
            except BaseException:
                self._end(process)
                raise
            self._put_back(process)
            return done

    def _take(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            self._end(process)  # whatever ended it: not the message that comes now
        return self._start()

    def _start(self) -> Process:
        process = Process(_WORKER, *self._arguments)
        self._processes.add(process)
        try:
            self._load(process)
        except BaseException:
            self._end(process)
            raise
        return process

    def _load(self, process: Process) -> None:
        if self._closed:
            raise Ended("the hub is ending")
        answer = ANSWER.validate_json(process.hear(Deadline(_START))[0])
        if isinstance(answer, Failed):
            raise answer.failure()
        if isinstance(answer, Raised):
            raise answer.failure(self._adapter)
        process.is_loaded()

    def _put_back(self, process: Process) -> None:
        if process.grown() > self._bounds.megabytes * _MEGABYTE // 2:
            self._end(process)
        else:
            self._idle.append(process)

    def _end(self, process: Process) -> None:
        process.end()
        self._processes.discard(process)

    @contextmanager
    def _telling_what_became_of_it(self) -> Iterator[None]:
        name, bounds = self._adapter, self._bounds
        try:
            yield
        except Hung:
            seconds = bounds.time.total_seconds()
            sentence = f"Adapter {name} did not return within {seconds:.0f} s."
            raise TransientFailure("adapter.too_slow", sentence) from None
        except Ended as ended:
            sentence = f"Adapter {name} ended its process ({ended.how})."
            raise AdapterFailed("adapter.died", sentence) from None
        except OutOfMemory:
            sentence = f"Adapter {name} needed more than {bounds.megabytes} MB of memory."
            raise AdapterFailed("adapter.out_of_memory", sentence) from None
