"""REPLAY: what a person has decided about dead letters is carried out, one after the other.

A dead letter whose message has a row is owed again; DISPATCH sends it on its way. One without a
row, refused at the door, is published again to where it came from; if it cannot pass, it is the
same dead letter again. Each is done as a whole before the next begins.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from hub.broker import Publisher
from hub.model.failure import PermanentFailure
from hub.stages.again import (
    content_gone,
    letter_event,
    may_be_published,
    owe_again,
    publish_again,
    replay_begun,
)
from hub.stages.standing import keep_phase
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Seen,
    State,
    Store,
    audit,
    dead_letter_by_id,
    discard,
    finish,
    message_by_id,
    record,
    set_replayed,
    unpublished,
)

__all__ = ["Replay", "Replayings", "discard_letter"]

PACE: Final = timedelta(milliseconds=10)
"""Between two replays, so that the hub's normal flow keeps its place."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of one: sent on its way, changed since it was seen, or not possible."""

    letter: UUID
    result: Literal["replayed", "changed", "impossible"]
    sentence: str | None = None


class Replayings:
    """Replays dead letters in the name of one actor."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher | None,
        now: Callable[[], datetime],
        *,
        actor: str,
        vouched: bool,
    ) -> None:
        """`publisher` is needed only for what has no row.

        `vouched`: a person has looked at each and answers for it, so that it passes as the hub's
        own, whoever had sent it.
        """
        self._store = store
        self._publisher = publisher
        self._now = now
        self._actor = actor
        self._vouched = vouched

    async def run(self, selection: Sequence[Seen], stop: asyncio.Event) -> AsyncIterator[Replay]:
        """Replay what was seen, at a pace, until `stop` is set; never what came since."""
        for seen in selection:
            if stop.is_set():
                return
            yield await self.one(seen)
            try:
                await asyncio.wait_for(stop.wait(), PACE.total_seconds())
            except TimeoutError:
                continue

    async def one(self, seen: Seen) -> Replay:
        """Replay one.

        Raises:
            TransientFailure: the broker did not confirm it; it is open still.
        """
        letter = await self._store.read(lambda c: dead_letter_by_id(c, seen.letter))
        if letter is None or letter.state != "open" or letter.at != seen.at:
            return Replay(seen.letter, "changed", "It is open no longer, or died again.")
        try:
            if letter.message is not None:
                return await self._owe_again(letter)
            return await self._publish_again(letter)
        except PermanentFailure as failure:
            return Replay(letter.id, "impossible", failure.sentence)

    async def _owe_again(self, letter: DeadLetter) -> Replay:
        def unit(connection: Connection) -> bool:
            now = self._now()
            if not owe_again(connection, letter, now):
                return False
            self._write_down(connection, letter, now)
            return True

        done = await self._store.run(unit)
        return Replay(letter.id, "replayed" if done else "changed")

    async def _publish_again(self, letter: DeadLetter) -> Replay:
        if letter.content is None:
            raise content_gone()
        body = self._store.sealer.open(letter.content, f"dead:{letter.id}")
        behalf = None if self._vouched else letter.origin.get("user", "")
        publisher = may_be_published(letter, self._publisher)
        # Written down first: a publication of which nobody knows would be worse than an act that
        # led to nothing.
        await self._store.run(lambda c: self._attempt(c, letter))
        await publish_again(publisher, letter, body, behalf)
        # If the hub was faster it has passed, or died again, and stays as the hub has found it.
        await self._store.run(lambda c: set_replayed(c, letter, self._now()))
        return Replay(letter.id, "replayed")

    def _attempt(self, connection: Connection, letter: DeadLetter) -> None:
        now = self._now()
        replay_begun(connection, letter, now)
        self._write_down(connection, letter, now)

    def _write_down(self, connection: Connection, letter: DeadLetter, now: datetime) -> None:
        detail: dict[str, str | int] = {"cause": letter.cause, "vouched": int(self._vouched)}
        audit(connection, Act(now, self._actor, "dead.replay", str(letter.id), detail))


def discard_letter(
    connection: Connection, id_: UUID, reason: str, *, actor: str, now: datetime
) -> None:
    """Discard a dead letter, and its message if it has one; those behind it go on.

    Raises:
        PermanentFailure: there is none, or it is not open.
    """
    letter = dead_letter_by_id(connection, id_)
    if letter is None:
        raise PermanentFailure("letter.unknown", f"There is no dead letter {id_}.")
    if not discard(connection, id_, reason, now):
        raise PermanentFailure(
            "letter.decided", f"Dead letter {id_} is {letter.state}, and not open any more."
        )
    message = message_by_id(connection, letter.message) if letter.message is not None else None
    if message is not None and message.state is State.DEAD:
        freed = finish(connection, message.id, State.DISCARDED, now, keep_content_until=now)
        unpublished(connection, freed, now)
        record(connection, letter_event(letter, "discarded", now))
        keep_phase(connection, message.case)
    detail = {"cause": letter.cause, "reason": reason}
    audit(connection, Act(now, actor, "dead.discard", str(id_), detail))
