"""Keeps messages of one case in the order in which they came, and all others side by side.

A handler learns only by reading a message which case it belongs to, and reading takes longer
for a long one. So each takes a turn when it arrives, names its case when it knows it, and goes
on once no earlier turn is still unnamed or at work on the same case.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

__all__ = ["InOrder", "Turn"]


@dataclass(eq=False, slots=True)
class Turn:
    """One message's place in the order of arrival."""

    _order: "InOrder"
    key: Hashable = None

    async def take(self, key: Hashable) -> None:
        """Name the case, and wait until it is this message's turn."""
        self.key = key
        await self._order.wait_for(self)


class InOrder:
    """Gives out turns. One for each queue and process."""

    def __init__(self) -> None:
        self._turns: dict[Turn, None] = {}
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """A turn, from arrival to the end of the work."""
        turn = Turn(self)
        self._turns[turn] = None
        try:
            yield turn
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
            if earlier.key is None or earlier.key == turn.key:
                return False
        return True
