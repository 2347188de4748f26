"""Group commit: units that wait at the same time share one durable commit.

One that raises is undone alone, and its exception reaches its caller only: then the group is run
once more, each unit in a savepoint of its own. Nearly always none does, and savepoints would be a
third of all statements. What a caller was told is committed, is committed; if the commit itself
is lost, every caller of the group gets StoreAway. A unit, once handed in, is run even if its
caller has gone: what it records has already happened outside.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hub.store.away import StoreAway, is_disconnect, store_away, with_meaning
from hub.store.journal import Event, take_recorded

__all__ = ["Committed", "Outcome", "Writer"]

_GROUP: Final = 256
"""Most units of one commit: bounds how long the first of them waits for the last."""

_TRIES: Final = 5
"""Runs of a unit that other writers keep from its locks."""

_CONTENTION: Final = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE: serialisation failure, deadlock, lock timeout. The unit may simply run again."""

_Unit = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a unit returned and recorded in the journal, or what it raised."""

    value: Any = None
    error: BaseException | None = None
    events: tuple[Event, ...] = ()

    def with_meaning(self) -> "Outcome":
        """The same, with a failure of the database told as StoreAway."""
        return self if self.error is None else Outcome(error=with_meaning(self.error))


@dataclass(frozen=True, slots=True)
class Committed:
    """One durable commit: how many units it had, how long it took, what the journal got by it."""

    units: int
    took: timedelta
    events: tuple[Event, ...]


class Writer:
    """Threads that take waiting units in groups. Belongs to the event loop that made it."""

    def __init__(
        self, engine: Engine, threads: int, on_committed: Callable[[Committed], None]
    ) -> None:
        """`on_committed` is called on the event loop, after every commit."""
        self._engine = engine
        self._on_committed = on_committed
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closing = False
        self._threads = [
            Thread(target=self._work, name=f"store-writer-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, unit: _Unit) -> asyncio.Future[Outcome]:
        """Queue a unit; the future always gets an Outcome, never an exception.

        Raises:
            StoreAway: the store is closing.
        """
        if self._closing:
            raise StoreAway("it is closing")
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._queue.put(_Waiting(unit, future))
        return future

    async def close(self) -> None:
        """Commit everything that waits, then end the threads."""
        self._closing = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _work(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list["_Waiting"]:
        group: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            group.append(waiting)
            if len(group) == _GROUP:
                return group
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return group
        if group:
            self._queue.put(None)  # the end is near, but these come first
        return group

    def _commit(self, group: list["_Waiting"], *, tries_left: int = _TRIES) -> None:
        began = time.perf_counter()
        try:
            outcomes = self._run([waiting.unit for waiting in group])
        except Exception as lost:  # noqa: BLE001 - whatever it was, the callers must hear of it
            outcomes = [Outcome(error=store_away(lost))] * len(group)
        settled, again = [], []
        for waiting, outcome in zip(group, outcomes, strict=True):
            if tries_left > 1 and _is_contention(outcome.error):
                again.append(waiting)
            else:
                settled.append((waiting.future, outcome.with_meaning()))
        took = timedelta(seconds=time.perf_counter() - began)
        events = tuple(event for outcome in outcomes for event in outcome.events)
        committed = Committed(len(settled), took, events)
        self._loop.call_soon_threadsafe(self._settle, settled, committed)
        for waiting in again:  # alone, holding no locks of others
            self._commit([waiting], tries_left=tries_left - 1)

    def _run(self, units: list[_Unit]) -> list[Outcome]:
        try:
            with self._engine.begin() as connection:
                return [_straight(connection, unit) for unit in units]
        except _Raised as raised:
            if len(units) == 1:
                return [Outcome(error=raised.error)]
        with self._engine.begin() as connection:
            return [_apart(connection, unit) for unit in units]

    def _settle(
        self, outcomes: list[tuple[asyncio.Future[Outcome], Outcome]], committed: Committed
    ) -> None:
        for future, outcome in outcomes:
            if not future.done():  # its caller was cancelled
                future.set_result(outcome)
        self._on_committed(committed)


@dataclass(frozen=True, slots=True)
class _Waiting:
    unit: _Unit
    future: asyncio.Future[Outcome]


class _Raised(Exception):
    """A unit raised: what ran with it is undone as well."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def _straight(connection: Connection, unit: _Unit) -> Outcome:
    take_recorded(connection)  # what a unit recorded that was undone
    try:
        value = unit(connection)
    except BaseException as error:
        if is_disconnect(error):
            raise
        raise _Raised(error) from error
    return Outcome(value, events=take_recorded(connection))


def _apart(connection: Connection, unit: _Unit) -> Outcome:
    # Straight to the driver: 2 µs on SQLite, where SQLAlchemy's begin_nested costs 58.
    driver: Any = connection.connection.dbapi_connection
    driver.execute("SAVEPOINT unit")
    take_recorded(connection)  # what a unit recorded that was undone
    try:
        value = unit(connection)
    except BaseException as error:  # it is the caller's, whatever it is
        if is_disconnect(error):
            raise
        driver.execute("ROLLBACK TO SAVEPOINT unit")
        driver.execute("RELEASE SAVEPOINT unit")
        return Outcome(error=error)
    driver.execute("RELEASE SAVEPOINT unit")
    return Outcome(value, events=take_recorded(connection))


def _is_contention(error: BaseException | None) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in _CONTENTION
