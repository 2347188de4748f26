"""Calls about the ledger: what came in against what became of it, and where what is owed is.

A hub with a million cases keeps some hundred thousand balances. `/ledger` of this version promises
all of them in one answer, and keeps that promise piece by piece, one caller at a time;
`/ledger/balances` answers in pages, out of the ledger as the hub drew it up last.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter
from starlette.responses import Response, StreamingResponse

from hub.stages.bookkeeping import DrawnUp, by_day
from hub.stages.placing import Placed, place_owed
from hub.store import Balance, Connection, Ledger, Sums, ledger
from hub.web.access import Access
from hub.web.api.having import bearer, having
from hub.web.api.moment import Day
from hub.web.doors import Doors

__all__ = ["accounting_calls"]

_PIECE: Final = 1000
"""Balances that are written at once: some milliseconds, in which nothing else is done."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The last balance of a page: `behind_day`, `behind_authority` and `behind_direction`."""

    day: date
    authority: str
    direction: Literal["down", "up"]


@dataclass(frozen=True, slots=True)
class Balances:
    """One page of the ledger as it stood at `at`: days newest first, then by authority.

    `balanced`, `totals` and `differences` are those of the whole ledger, not of what was asked for.
    `behind` is where the next page begins; null on the last.
    """

    at: datetime
    balanced: bool
    totals: Sums
    refused_at_the_door: int
    differences: tuple[str, ...]
    balances: list[Balance]
    behind: Behind | None


def accounting_calls(hub: Doors, access: Access, now: Callable[[], datetime]) -> APIRouter:
    """The calls, for viewers."""
    calls = APIRouter(dependencies=[Depends(bearer), Depends(having(access, "viewer"))])
    one_at_a_time = asyncio.Lock()

    async def drawn_up_now() -> DrawnUp:
        at = now()

        def taken(connection: Connection) -> DrawnUp:
            drawn = ledger(connection)
            return DrawnUp(at, drawn, by_day(drawn.balances))

        async with one_at_a_time:
            return await hub.store.read(taken)

    @calls.get("/ledger", response_model=Ledger, deprecated=True)
    async def draw_up_ledger() -> Response:
        """The whole ledger, drawn up now; takes seconds with a hundred thousand cases.

        It has a balance for each authority, day and direction, some hundred thousand after years:
        ask /ledger/balances for pages instead. The next version of this API does without it.
        """
        async with one_at_a_time:
            drawn = await hub.store.read(ledger)
        return StreamingResponse(_pieces(drawn), media_type="application/json")

    @calls.get("/ledger/balances")
    async def balances(
        since: Day | None = None,
        until: Day | None = None,
        authority: Annotated[str | None, Query(max_length=20)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        behind_day: Day | None = None,
        behind_authority: Annotated[str | None, Query(max_length=20)] = None,
        behind_direction: Literal["down", "up"] | None = None,
    ) -> Balances:
        """The ledger in pages, as the hub drew it up last: days from `since` to `until` (UTC).

        With the day, authority and direction of `behind`, what follows there.
        """
        drawn = hub.drawn_up or await drawn_up_now()
        behind = None
        if behind_day and behind_authority is not None and behind_direction:
            behind = Behind(behind_day, behind_authority, behind_direction)
        meant = (
            each
            for each in _newest_first(drawn, since, until, behind)
            if authority in (None, each.authority)
        )
        return _page(drawn, list(islice(meant, limit + 1)), limit)

    @calls.get("/ledger/places")
    async def place() -> Placed:
        """Where everything is that is owed, looked up now in the store and at the broker.

        Takes seconds if something does not fit at first sight: then it is looked at twice.
        """
        try:
            return await place_owed(hub.store, hub.broker.depths, now)
        except (ConnectionError, TimeoutError):
            return await place_owed(hub.store, None, now)

    return calls


def _newest_first(
    drawn: DrawnUp, since: date | None, until: date | None, behind: Behind | None
) -> Iterator[Balance]:
    """The balances of these days that come after a place."""
    for day, of_day in drawn.days.items():
        if (since and day < since) or (until and day > until) or (behind and day > behind.day):
            continue
        for each in of_day.balances:
            if behind is None or day < behind.day or _place(each) > _place(behind):
                yield each


def _place(balance: Balance | Behind) -> tuple[str, Literal["down", "up"]]:
    return balance.authority, balance.direction


def _page(drawn: DrawnUp, found: list[Balance], limit: int) -> Balances:
    """A page out of what was found, one more than it holds if another follows."""
    shown, last = found[:limit], found[limit - 1 : limit]
    return Balances(
        at=drawn.at,
        balanced=drawn.ledger.balanced,
        totals=drawn.ledger.totals,
        refused_at_the_door=drawn.ledger.refused_at_the_door,
        differences=drawn.ledger.differences,
        balances=shown,
        behind=Behind(last[0].day, *_place(last[0])) if len(found) > limit else None,
    )


_BALANCES: Final = TypeAdapter(list[Balance])
_LEDGER: Final = TypeAdapter(Ledger)


def _pieces(drawn: Ledger) -> Iterator[bytes]:
    """The ledger as JSON, in pieces between which others have their turn."""
    rest = _LEDGER.dump_json(Ledger((), drawn.totals, drawn.refused_at_the_door, drawn.differences))
    head, empty, tail = rest.partition(b'"balances":[')
    yield head + empty
    for first in range(0, len(drawn.balances), _PIECE):
        piece = _BALANCES.dump_json(list(drawn.balances[first : first + _PIECE]))
        yield (b"," if first else b"") + piece[1:-1]
    yield tail
