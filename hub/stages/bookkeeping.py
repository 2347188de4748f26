"""BOOKKEEPING: draws up the ledger again and again, so that a difference is seen unasked.

Beside it stands where everything that is owed was at that time: in queues, in handlers, due later.
Not a stage of the way: it reads only, beside the stages, and rests much longer than it works.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from hub.model.failure import HubFailure
from hub.stages.placing import Depths, Placed, place_owed
from hub.store import Balance, Connection, Ledger, Store, Sums, ledger

__all__ = ["Bookkeeping", "Day", "DrawnUp", "by_day"]

_EVERY: Final = timedelta(minutes=5)
_REST: Final = 100
"""How many times longer than the last drawing up the rest is, at least: 1 % of one core."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its balances, in their order, and their sums.

    What is missing at one authority is not made good by what is too much at another: `difference`
    counts both.
    """

    balances: Sequence[Balance]
    sums: Sums
    difference: int


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """The ledger as it stood at `at`.

    `days` are the same balances by day, the newest first, and `placed` where it was that is owed;
    None if the broker or the store could not tell.
    """

    at: datetime
    ledger: Ledger
    days: Mapping[date, Day]
    placed: Placed | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is missing: the ledger balances, and nothing that is owed is nowhere."""
        return self.ledger.balanced and not (self.placed is not None and self.placed.nowhere)


def by_day(balances: Sequence[Balance]) -> dict[date, Day]:
    """Balances, which stand in the order of their days, by day; the newest first."""
    found: dict[date, list[Balance]] = {}
    for balance in balances:
        found.setdefault(balance.day, []).append(balance)
    return {day: _day(found[day]) for day in reversed(found)}


_SUMS: Final = ("came_in", "accepted", "owed", "dead", "discarded")


def _day(balances: Sequence[Balance]) -> Day:
    sums = {name: sum(getattr(each, name) for each in balances) for name in _SUMS}
    return Day(balances, Sums(**sums), sum(abs(each.difference) for each in balances))


class Bookkeeping:
    """Keeps the last ledger it drew up in `last`; None until it drew up the first."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], depths: Depths | None = None
    ) -> None:
        """`depths` asks the broker; without it only the store says where something is."""
        self._store = store
        self._now = now
        self._depths = depths
        self.last: DrawnUp | None = None

    async def run(self) -> None:
        """Draw up the ledger every few minutes, until cancelled."""
        while True:
            began = self._now()
            try:
                await self.draw_up()
            except HubFailure as failure:
                _log.warning("ledger.failed", cause=failure.cause)
            rest = max(_EVERY, _REST * (self._now() - began))
            await asyncio.sleep(rest.total_seconds())

    async def draw_up(self) -> None:
        """Draw it up now."""
        at = self._now()
        drawn, days = await self._store.read(_ledger_by_day)
        placed = await self._placed()
        self.last = DrawnUp(at, drawn, days, placed)
        if not drawn.balanced:
            _log.error("ledger.unbalanced", differences=drawn.differences[:10])
        if placed is not None and placed.nowhere:
            _log.error("owed.nowhere", messages=placed.nowhere[:10])

    async def _placed(self) -> Placed | None:
        try:
            return await place_owed(self._store, self._depths, self._now)
        except (HubFailure, ConnectionError, TimeoutError) as failure:
            _log.warning("owed.not_placed", error=type(failure).__name__)
            return None


def _ledger_by_day(connection: Connection) -> tuple[Ledger, dict[date, Day]]:
    drawn = ledger(connection)
    return drawn, by_day(drawn.balances)
