"""REHEARSALS: what people asked this hub to rehearse, one at a time, each to be stopped.

A rehearsal changes nothing and sends nothing, but it works: so who asked for it is audited, and no
second one begins beside it. Not a stage of the way; its work is done in a process of its own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

import structlog

from hub.adapter import Adapter
from hub.model.failure import PermanentFailure
from hub.rehearsal import Report
from hub.rehearsal.apart import Apart, Compared, Days, Progress, Refused
from hub.routing import RoutingTable
from hub.store import Act, Store, audit
from hub.workshop.process import Ended, Hung
from hub.workshop.reference import reference_to

__all__ = ["AskedRehearsal", "Rehearsals"]

_REMEMBERED: Final = 10
"""Rehearsals that are shown after they ended."""

_TO_COMPARE: Final = timedelta(seconds=30)
"""A table with a thousand authorities is read in three."""

_log = structlog.get_logger()


@dataclass(slots=True)
class AskedRehearsal:
    """One rehearsal that somebody asked for.

    `report` and `changes` - of a candidate, against the table in force - are there once it ended
    well, `problems` if the candidate is no table, `failure` if it came to no end.
    """

    id: UUID
    actor: str
    asked_at: datetime
    what: str
    apart: Apart = field(repr=False)
    done: int = 0
    steps: int = 0
    report: Report | None = None
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    failure: str | None = None
    ended_at: datetime | None = None
    stopped: bool = False

    def stop(self) -> None:
        """End it now; what it found so far is forgotten. One that has ended stays as it is."""
        if self.ended_at is None:
            self.stopped = True
            self.apart.stop()


class Rehearsals:
    """Carries rehearsals out beside the stages."""

    def __init__(
        self, store: Store, adapters: Mapping[str, Adapter], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._adapters = {name: reference_to(adapter) for name, adapter in adapters.items()}
        self._now = now
        self._asked: OrderedDict[UUID, AskedRehearsal] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        # A child ends with the thread that started it (hub.workshop.inside).
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rehearsal")
        self._comparing = ThreadPoolExecutor(1, thread_name_prefix="comparison")

    async def begin(
        self, held: RoutingTable, *, candidate: str | None, on: date | None, actor: str
    ) -> AskedRehearsal:
        """Begin to rehearse, with made-up messages.

        Args:
            held: the table in force.
            candidate: the text of one to come; None: the same.
            on: the day to come; None: today for a candidate, else the next cut-over of each
                authority.
            actor: who asked.

        Raises:
            PermanentFailure: `rehearsal.busy`: another one is under way.
        """
        if any(each.ended_at is None for each in self._asked.values()):
            raise PermanentFailure(
                "rehearsal.busy", "Another rehearsal is under way; wait for its end, or stop it."
            )
        what = _in_words(candidate, on)
        asked = AskedRehearsal(uuid4(), actor, self._now(), what, Apart(self._adapters))
        self._asked[asked.id] = asked
        while len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        try:
            await self._write_down(asked, candidate)
        except BaseException:
            del self._asked[asked.id]
            raise
        task = asyncio.create_task(self._carry_out(asked, held.text, candidate, on))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return asked

    async def compare(self, held: RoutingTable, candidate: str) -> Refused | Compared:
        """What a candidate would change; also while a rehearsal is under way.

        Raises:
            PermanentFailure: `candidate.too_much`: reading it took too much time or memory.
        """
        apart = Apart(self._adapters, _TO_COMPARE)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._comparing, apart.compare, held.text, candidate)
        except (Hung, Ended):
            raise PermanentFailure(
                "candidate.too_much", "Reading this took more time or memory than a table may."
            ) from None

    def all(self) -> list[AskedRehearsal]:
        """The one under way and the last that ended, the newest first."""
        return list(reversed(self._asked.values()))

    def one(self, id_: UUID) -> AskedRehearsal:
        """The rehearsal of that id; raise PermanentFailure if this hub knows none."""
        asked = self._asked.get(id_)
        if asked is None:
            raise PermanentFailure("rehearsal.unknown", "This hub knows no such rehearsal.")
        return asked

    async def close(self) -> None:
        """End the one under way."""
        for asked in self._asked.values():
            asked.stop()
        await asyncio.gather(*self._tasks)
        await asyncio.to_thread(self._thread.shutdown)
        await asyncio.to_thread(self._comparing.shutdown)

    async def _write_down(self, asked: AskedRehearsal, candidate: str | None) -> None:
        detail = {"what": asked.what}
        if candidate is not None:
            detail["sha256"] = sha256(candidate.encode()).hexdigest()
        act = Act(asked.asked_at, asked.actor, "routes.rehearse", str(asked.id), detail)
        await self._store.run(lambda c: audit(c, act))

    async def _carry_out(
        self, asked: AskedRehearsal, held: str, candidate: str | None, on: date | None
    ) -> None:
        def told(progress: Progress) -> None:
            asked.done, asked.steps = progress.done, progress.steps

        def work() -> None:
            days = Days(on, today=asked.asked_at.date())
            found = asked.apart.rehearse(held, candidate, days, told)
            if isinstance(found, Refused):
                asked.problems = found.problems
            else:
                asked.changes, asked.report = found.changes, found.report

        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Hung:
            asked.failure = "It took longer than a rehearsal may, and was ended."
        except Ended as ended:
            if not asked.stopped:
                asked.failure = (
                    f"Its process ended ({ended.how}): of an adapter's code, or since it needed"
                    " more memory than it may have. hub rehearse shows more."
                )
        finally:
            asked.ended_at = self._now()
            if asked.failure is not None:
                _log.warning("rehearsal.failed", rehearsal=str(asked.id))


def _in_words(candidate: str | None, on: date | None) -> str:
    if candidate is not None:
        return "a candidate today" if on is None else f"a candidate on {on}"
    return "the next cut-over of each authority" if on is None else f"the table in force on {on}"
