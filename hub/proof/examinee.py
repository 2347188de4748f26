"""The examined format, seen from the outside: calls go to its process, answers come in time.

A process that hangs is killed; one that hung, ended or ran out of memory is replaced before
the next call. Nothing that an adapter does reaches the process that examines it.
"""

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from hub.proof.protocol import (
    ANSWER,
    CALL,
    Answer,
    Call,
    Died,
    Exhausted,
    Hung,
    Ready,
)
from hub.workshop import process as workshop
from hub.workshop.process import Deadline, Process

__all__ = ["Bounds", "Examinee"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: time, and memory beyond that of the loaded adapter."""

    time: timedelta = timedelta(seconds=10)
    megabytes: int = 512


class Examinee:
    """One version of an adapter in a process of its own; `hash_seed` is that of its sets."""

    def __init__(self, reference: str, version: str, bounds: Bounds, *, hash_seed: int = 0) -> None:
        self._arguments = (reference, version, str(bounds.megabytes))
        self._bounds = bounds
        self._hash_seed = str(hash_seed)
        self._process: Process | None = None
        self._told: deque[Call] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def start(self) -> Answer:
        """Load the adapter; `Ready`, or why it cannot be."""
        self._end()
        self._process = Process(_WORKER, *self._arguments, hash_seed=self._hash_seed)
        return self._asked(self._process, None, _START)

    def expect(self, call: Call) -> bool:
        """Tell the process now what it will be asked next: it works while its last answer is read.

        False if that cannot be: it does not run, or the call is so long that both could wait
        for each other.
        """
        said = CALL.dump_json(call)
        if self._process is None or len(said) > _AHEAD_BYTES or len(self._told) >= _MOST_AHEAD:
            return False
        try:
            self._process.tell([said], Deadline(self._bounds.time))
        except (workshop.Hung, workshop.Ended):
            self._end()
            return False
        self._told.append(call)
        return True

    def call(self, call: Call) -> Answer:
        """The answer, at the latest when its time is over."""
        if self._process is None:
            started = self.start()
            if not isinstance(started, Ready):
                return started
        process = self._process
        assert process is not None  # noqa: S101 - started just now
        answer = self._asked(process, call, self._bounds.time)
        if isinstance(answer, Exhausted):
            self._end()  # what it holds on to would fail the next call
        return answer

    def _asked(self, process: Process, call: Call | None, within: timedelta) -> Answer:
        deadline = Deadline(within)
        try:
            if self._told:
                expected = self._told.popleft()
                assert expected == call  # noqa: S101 - it is asked what it was told, in order
            elif call is not None:
                process.tell([CALL.dump_json(call)], deadline)
            [answer] = process.hear(deadline)
        except workshop.Hung:
            self._end()
            return Hung(within.total_seconds())
        except workshop.Ended as ended:
            self._end()
            return Died(ended.how)
        return ANSWER.validate_json(answer)

    def _end(self) -> None:
        process, self._process = self._process, None
        self._told.clear()
        if process is not None:
            process.end()


_START: Final = timedelta(seconds=60)
_WORKER: Final = "hub.proof.worker"
_MOST_AHEAD: Final = 2
_AHEAD_BYTES: Final = 30 * 1024
"""So many calls of so many bytes fit into a pipe of 64 KiB: telling them never has to wait."""
