"""A call on its way through a crew: what is said, who waits for the answer, and for how long."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from hub.workshop.documents import Documents
from hub.workshop.frames import Frame
from hub.workshop.protocol import Answer

__all__ = ["Answered", "Bounds", "Job"]

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
    """One call, and its answer.

    Attributes:
        said: the call as the process is told it.
        fits: whether an answer is one to this call.
        documents: what it may ask for.
        wait: how long to stand in line; None for as long as it takes.
        light: without documents and soon done, like most: it may be told before its turn.
        begun: a process is at it, and answers for it with its life.
        answered: what came of it.
    """

    said: Frame
    fits: Callable[[Answer, list[bytes]], bool]
    documents: Documents
    wait: timedelta | None
    light: bool
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
