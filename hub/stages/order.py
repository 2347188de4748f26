"""Keeps messages of one case in the order in which they came, and all others side by side.

A handler learns only by reading a message which case it belongs to, and reading takes longer
for a long one. So each takes a turn when it arrives, names its case when it knows it, and goes
on once no earlier turn is still unnamed or at work on the same case. A message that will come
again, since something failed that may pass, keeps those behind it from going first: those at work,
and those that the broker gives out before it. It gives what was returned twice behind what was
returned once.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from hub.model.failure import PermanentFailure, TransientFailure

__all__ = ["InOrder", "OutOfTurn", "Turn", "known_by"]

_PATIENCE: Final = 10
"""Deliveries of a message after which it waits for no other; the broker's limit is twenty."""

_MOST_COMING: Final = 10_000

_ENDS_BYTES: Final = 64 * 1024

_ALL: Final = object()
"""Instead of a case: whichever it may be."""


def known_by(body: bytes) -> Hashable:
    """By what a message is known when it comes again: a hash of it, of a long one of its ends.

    Two that differ only in their middle would change places with each other; no more depends on
    it, and to hash 5 MB takes 4 ms of the event loop.
    """
    ends = body[:_ENDS_BYTES] + body[-_ENDS_BYTES:] if len(body) > 2 * _ENDS_BYTES else body
    return len(body), hashlib.sha256(ends).digest()


class OutOfTurn(TransientFailure):
    """An earlier message of the same case comes again: this one has to come again after it."""

    def __init__(self) -> None:
        super().__init__("order.out_of_turn", "An earlier message of the case comes again.")


@dataclass(eq=False, slots=True)
class Turn:
    """One message's place in the order of arrival. `place`: what is known before it is read."""

    place: Hashable
    message: Hashable
    patient: bool
    _order: "InOrder"
    key: Hashable = None
    behind: set[Hashable] = field(default_factory=set)

    async def take(self, key: Hashable) -> None:
        """Name the case, and wait until it is this message's turn.

        Raises:
            OutOfTurn: one before it failed, and comes again.
        """
        self.key = key
        await self._order.wait_for(self)
        if self.behind & {self.key, _ALL} or self._order.comes_after_another(self):
            raise OutOfTurn


class InOrder:
    """Gives out turns. One for each queue and process."""

    def __init__(self) -> None:
        self._turns: dict[Turn, None] = {}
        # What comes again, in the order in which it failed first: its place and its case.
        self._coming: dict[Hashable, tuple[Hashable, Hashable]] = {}
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(
        self, place: Hashable = None, message: Hashable = None, attempts: int = 1
    ) -> AsyncIterator[Turn]:
        """A turn, from arrival to the end of the work.

        Args:
            place: messages of two places are never of one case; without one, they may be.
            message: what tells the message when it comes again; without it nobody waits for it.
            attempts: how often the broker has given it out. One that came many times goes on, in
                whatever order: rather that than that the broker gives it up.
        """
        turn = Turn(place, message, attempts <= _PATIENCE, self)
        self._turns[turn] = None
        try:
            yield turn
        except PermanentFailure:
            self._coming.pop(message, None)
            raise  # it becomes a dead letter, and does not come again
        except Exception:
            self._hold_back_behind(turn)
            raise
        else:
            self._coming.pop(message, None)
        finally:
            del self._turns[turn]
            async with self._changed:
                self._changed.notify_all()

    async def wait_for(self, turn: Turn) -> None:
        """Wait until no earlier turn is unnamed or has the key of this one."""
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._is_first(turn))

    def comes_after_another(self, turn: Turn) -> bool:
        """Whether one of its case that failed before it is still to come again."""
        if not turn.patient:
            return False
        for message, place_and_case in self._coming.items():
            if message == turn.message:
                return False
            if place_and_case == (turn.place, turn.key):
                return True
        return False

    def _is_first(self, turn: Turn) -> bool:
        for earlier in self._turns:
            if earlier is turn:
                return True
            if earlier.place == turn.place and earlier.key in (None, turn.key):
                return False
        return True

    def _hold_back_behind(self, turn: Turn) -> None:
        """Those of its case; where it is not known, all of its place."""
        if turn.message is not None and turn.key is not None:
            self._coming[turn.message] = (turn.place, turn.key)  # where it stands, if it does
            while len(self._coming) > _MOST_COMING:  # taken elsewhere, or given up by the broker
                del self._coming[next(iter(self._coming))]
        turns = list(self._turns)
        for later in turns[turns.index(turn) + 1 :]:
            if later.place == turn.place:
                later.behind.add(_ALL if turn.key is None else turn.key)
