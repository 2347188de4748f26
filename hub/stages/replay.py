"""REPLAY: what a person has decided about dead letters is carried out, one after the other.

A dead letter whose message has a row is owed again, and its reference published; DISPATCH does what
could not be. One without a row, refused at the door, is published again to where it came from; if
it cannot pass, it is the same dead letter again. Each is done as a whole before the next begins.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import structlog

from hub.broker import SUBMISSIONS, Publisher
from hub.model.failure import HubFailure, PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.stages.again import (
    content_gone,
    letter_event,
    may_be_published,
    owe_again,
    publish_again,
    replay_begun,
)
from hub.stages.announce import announce
from hub.stages.origin import exchange_of
from hub.stages.pace import Pace
from hub.stages.standing import keep_phase
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Due,
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

_log = structlog.get_logger()

_LARGE: Final = 9000
"""Bytes from which reading a body would hold up the loop."""


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
        """`publisher` is needed for what has no row; what has one, DISPATCH can publish.

        `vouched`: a person has looked at each and answers for it, so that it passes as the hub's
        own, whoever had sent it.
        """
        self._store = store
        self._publisher = publisher
        self._now = now
        self._actor = actor
        self._vouched = vouched
        self._pace = Pace(store, now)

    async def run(self, selection: Sequence[Seen], stop: asyncio.Event) -> AsyncIterator[Replay]:
        """Replay what was seen, at its pace, until `stop` is set; never what came since."""
        for seen in selection:
            await self._pace.room(stop)
            if stop.is_set():
                return
            yield await self.one(seen)

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
        def unit(connection: Connection) -> Due | None:
            now = self._now()
            due = owe_again(connection, letter, now)
            if due is not None:
                self._write_down(connection, letter, now)
            return due

        due = await self._store.run(unit)
        if due is None:
            return Replay(letter.id, "changed")
        await self._announce(due)
        self._pace.sent(letter.id, due.message)
        return Replay(letter.id, "replayed")

    async def _announce(self, due: Due) -> None:
        """Publish the reference, or leave it to DISPATCH: it is owed, whatever the broker says."""
        if self._publisher is not None:
            try:
                await announce(self._publisher, due)
            except HubFailure as failure:
                _log.warning("replay.not_announced", cause=failure.cause)
            else:
                return
        await self._store.run(lambda c: unpublished(c, [due], self._now()))

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
        self._pace.sent(letter.id, await _row_of(letter, body))
        return Replay(letter.id, "replayed")

    def _attempt(self, connection: Connection, letter: DeadLetter) -> None:
        now = self._now()
        replay_begun(connection, letter, now)
        self._write_down(connection, letter, now)

    def _write_down(self, connection: Connection, letter: DeadLetter, now: datetime) -> None:
        detail: dict[str, str | int] = {"cause": letter.cause, "vouched": int(self._vouched)}
        audit(connection, Act(now, self._actor, "dead.replay", str(letter.id), detail))


async def _row_of(letter: DeadLetter, body: bytes) -> MessageUuid | None:
    """The message that it becomes when it is taken in; None if that cannot be known before."""
    if exchange_of(letter.origin) != SUBMISSIONS:
        return None
    return _id_in(body) if len(body) < _LARGE else await asyncio.to_thread(_id_in, body)


def _id_in(body: bytes) -> MessageUuid | None:
    try:
        return MessageUuid(UUID(json.loads(body)["id"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None  # it will be refused again


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
