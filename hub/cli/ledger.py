"""`hub ledger`: the proof that nothing is missing."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, store
from hub.cli.output import show_json, show_table
from hub.stages.placing import Placed, place_owed
from hub.store import Ledger, Store
from hub.store import ledger as draw_up

__all__ = ["ledger"]


@dataclass(frozen=True, slots=True)
class Explained:
    """The ledger, and where everything is that is owed."""

    ledger: Ledger
    placed: Placed


def ledger(
    explain: Annotated[
        bool, typer.Option(help="Name every message that does not add up, and place what is owed.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what came in against what became of it; exit code 1 if anything is missing."""
    drawn, placed = asyncio.run(_draw_up(explain=explain))
    if json and placed is not None:
        show_json(Explained, Explained(drawn, placed))
    elif json:
        show_json(Ledger, drawn)
    else:
        _show(drawn)
        if placed is not None:
            _show_places(placed)
    _judge(drawn, placed)


def _judge(drawn: Ledger, placed: Placed | None) -> None:
    said = list(drawn.differences) if placed is not None else []
    if not drawn.balanced:
        said.append("The ledger does not balance.")
    if placed is not None and placed.nowhere:
        said += [*placed.nowhere, "Not all that is owed is in its place."]
    if said:
        raise CommandFailure(*said)


async def _draw_up(*, explain: bool) -> tuple[Ledger, Placed | None]:
    async with store() as opened:
        drawn = await opened.read(draw_up)
        return drawn, await _placed(opened) if explain else None


async def _placed(opened: Store) -> Placed:
    try:
        async with broker("hub ledger") as connected:
            return await place_owed(opened, connected.depths, _now)
    except (CommandFailure, ConnectionError, TimeoutError):
        print(
            "RabbitMQ cannot be reached: only the store says where something is.", file=sys.stderr
        )
        return await place_owed(opened, None, _now)


def _now() -> datetime:
    return datetime.now(UTC)


_SUMS: Final = ("came_in", "accepted", "owed", "dead", "discarded", "difference")
_DIRECTIONS: Final = {"down": "to authority", "up": "to applicant"}


def _show(drawn: Ledger) -> None:
    rows = [
        (
            one.day,
            one.authority,
            _DIRECTIONS[one.direction],
            *(getattr(one, name) for name in _SUMS),
        )
        for one in drawn.balances
    ]
    rows.append(("total", "", "", *(getattr(drawn.totals, name) for name in _SUMS)))
    numbers = (f"#{name.replace('_', ' ')}" for name in _SUMS)
    show_table(("day (UTC)", "authority", "direction", *numbers), rows)
    print(f"\nRefused at the door: {drawn.refused_at_the_door}.")
    if drawn.balanced:
        print("The ledger balances.")


def _show_places(placed: Placed) -> None:
    print()
    rows = [(place, count) for place, count in placed.places.items() if count]
    if rows:
        show_table(("what is owed is", "#messages"), rows)
    else:
        print("Nothing is owed.")
    for each in placed.missed:
        print(each)
