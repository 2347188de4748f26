"""`hub ledger`: the proof that nothing is missing."""

import asyncio
from typing import Annotated, Final

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import store
from hub.cli.output import show_json, show_table
from hub.store import Ledger
from hub.store import ledger as draw_up

__all__ = ["ledger"]


def ledger(
    explain: Annotated[bool, typer.Option(help="Name every message that does not add up.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what came in against what became of it; exit code 1 if anything is missing."""
    drawn = asyncio.run(_draw_up())
    if json:
        show_json(Ledger, drawn)
    else:
        _show(drawn)
    if not drawn.balanced:
        named = drawn.differences if explain else ()
        raise CommandFailure(*named, "The ledger does not balance.")


async def _draw_up() -> Ledger:
    async with store() as opened:
        return await opened.read(draw_up)


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
