"""Closes the queues of stages that cannot work while something they all need is away.

A message that finds it away goes back into its queue, and the consumers of every stage that
needs it are paused until it answers again: otherwise the same messages would be given out again
and again, until the broker gave them up. A queue is opened when nothing it needs is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Final

import structlog

from hub.broker import Subscription
from hub.model.failure import HubFailure

__all__ = ["Gate", "Gates"]

_PROBE_EVERY: Final = 1.0

_log = structlog.get_logger()


def _nothing() -> None:
    """Most gates have nothing more to do."""


@dataclass(slots=True)
class Gate:
    """What may be away.

    Attributes:
        name: for the log.
        probe: raises HubFailure as long as it is away.
        closes: the subscriptions that cannot do without.
        opens: those of them to open when it is back; whoever else looks after the others is
            told by `opened`.
        away: whether it is away now.
    """

    name: str
    probe: Callable[[], Awaitable[object]]
    closes: Callable[[], Collection[Subscription]]
    opens: Callable[[], Collection[Subscription]]
    opened: Callable[[], None] = _nothing
    away: bool = False


class Gates:
    """All gates of one hub.

    Args:
        spawn: keeps a task going until the hub ends.
    """

    def __init__(self, spawn: Callable[[Coroutine[None, None, None]], None]) -> None:
        self._spawn = spawn
        self._gates: list[Gate] = []

    def add(self, gate: Gate) -> Gate:
        """One more."""
        self._gates.append(gate)
        return gate

    def close(self, gate: Gate) -> None:
        """Close a gate until what it waits for is back; returns at once, and may be repeated."""
        if not gate.away:
            gate.away = True
            _log.error(f"{gate.name}.away")
            self._spawn(self._keep_closed(gate))

    async def _keep_closed(self, gate: Gate) -> None:
        await asyncio.gather(*(each.pause() for each in gate.closes()))
        while True:
            try:
                await gate.probe()
            except HubFailure:
                await asyncio.sleep(_PROBE_EVERY)
            else:
                break
        gate.away = False
        _log.info(f"{gate.name}.back")
        held = [each for other in self._gates if other.away for each in other.closes()]
        await asyncio.gather(*(each.resume() for each in gate.opens() if each not in held))
        gate.opened()
