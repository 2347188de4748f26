"""Keeps messages of one case in the order in which they came, and all others side by side.

A handler learns only by reading a message which case it belongs to, and reading takes longer
for a long one. So each takes a turn when it arrives, names its case when it knows it, and goes
on once no earlier turn is still unnamed or at work on the same case. A message that will come
again, since something failed that may pass, keeps those behind it from going first.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from hub.model.failure import PermanentFailure, TransientFailure

__all__ = ["InOrder", "OutOfTurn", "Turn"]

_ALL: Final = object()
"""Instead of a case: whichever it may be."""


class OutOfTurn(TransientFailure):
    """An earlier message of the same case comes again: this one has to come again after it."""

    def __init__(self) -> None:
        super().__init__("order.out_of_turn", "An earlier message of the case comes again.")


@dataclass(eq=False, slots=True)
class Turn:
    """One message's place in the order of arrival. `place`: what is known before it is read."""

    place: Hashable
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
        if self.behind & {self.key, _ALL}:
            raise OutOfTurn


class InOrder:
    """Gives out turns. One for each queue and process."""

    def __init__(self) -> None:
        self._turns: dict[Turn, None] = {}
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self, place: Hashable = None) -> AsyncIterator[Turn]:
        """A turn, from arrival to the end of the work.

        Args:
            place: messages of two places are never of one case; without one, they may be.
        """
        turn = Turn(place, self)
        self._turns[turn] = None
        try:
            yield turn
        except PermanentFailure:
            raise  # it becomes a dead letter, and does not come again
        except Exception:
            self._hold_back_behind(turn)
            raise
        finally:
            del self._turns[turn]
            async with self._changed:
                self._changed.notify_all()

    async def wait_for(self, turn: Turn) -> None:
        """Wait until no earlier turn is unnamed or has the key of this one."""
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._is_first(turn))

    def _is_first(self, turn: Turn) -> bool:
        for earlier in self._turns:
            if earlier is turn:
                return True
            if earlier.place == turn.place and earlier.key in (None, turn.key):
                return False
        return True

    def _hold_back_behind(self, turn: Turn) -> None:
        """Those of its case; where it is not known, all of its place."""
        turns = list(self._turns)
        for later in turns[turns.index(turn) + 1 :]:
            if later.place == turn.place:
                later.behind.add(_ALL if turn.key is None else turn.key)
