"""REPLAYS: what people asked this hub to replay, each with its progress, each to be stopped.

The selection is frozen when it is asked for: what was seen is replayed, newcomers never. A hub
that ends stops its replays between two letters; what was not replayed is open as before.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import structlog

from hub.broker import Publisher
from hub.model.failure import HubFailure, PermanentFailure
from hub.stages.replay import Replayings
from hub.store import Seen, Store

__all__ = ["AskedReplay", "Replays"]

_REMEMBERED: Final = 50
"""Replays that are shown after they ended."""

_log = structlog.get_logger()


@dataclass(slots=True)
class AskedReplay:
    """One replay that somebody asked for. `results` count its letters by what became of them."""

    id: UUID
    actor: str
    asked_at: datetime
    what: str
    total: int
    results: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    ended_at: datetime | None = None
    stopped: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def done(self) -> int:
        """Letters that it is through with."""
        return self.results.total()


class Replays:
    """Carries replays out beside the stages, at the pace of `hub.stages.pace`."""

    def __init__(self, store: Store, publisher: Publisher, now: Callable[[], datetime]) -> None:
        self._store = store
        self._publisher = publisher
        self._now = now
        self._asked: OrderedDict[UUID, AskedReplay] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self, selection: Sequence[Seen], *, actor: str, what: str, vouched: bool
    ) -> AskedReplay:
        """Begin to replay `selection`; `what` says in words what was selected."""
        asked = AskedReplay(uuid4(), actor, self._now(), what, len(selection))
        self._asked[asked.id] = asked
        while len(self._asked) > _REMEMBERED and self._forget_one():
            pass
        work = Replayings(self._store, self._publisher, self._now, actor=actor, vouched=vouched)
        task = asyncio.create_task(self._carry_out(asked, work, selection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return asked

    def all(self) -> list[AskedReplay]:
        """Those that run and the last that ended, the newest first."""
        return list(reversed(self._asked.values()))

    def one(self, id_: UUID) -> AskedReplay:
        """The replay of that id; raise PermanentFailure if this hub knows none."""
        asked = self._asked.get(id_)
        if asked is None:
            raise PermanentFailure("replay.unknown", "This hub knows no such replay.")
        return asked

    async def close(self) -> None:
        """Stop every replay between two letters."""
        for asked in self._asked.values():
            asked.stop.set()
        await asyncio.gather(*self._tasks)

    async def _carry_out(
        self, asked: AskedReplay, work: Replayings, selection: Sequence[Seen]
    ) -> None:
        try:
            async for each in work.run(selection, asked.stop):
                asked.results[each.result] += 1
                if each.sentence is not None:
                    asked.sentences[each.sentence] += 1
        except HubFailure as failure:
            asked.sentences[failure.sentence] += 1
            _log.warning("replay.ended", replay=str(asked.id), cause=failure.cause)
        finally:
            asked.stopped = asked.done < asked.total
            asked.ended_at = self._now()

    def _forget_one(self) -> bool:
        ended = next((a.id for a in self._asked.values() if a.ended_at is not None), None)
        if ended is not None:
            del self._asked[ended]
        return ended is not None
