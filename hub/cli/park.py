"""`hub park` and `hub resume`: a person stops what goes down to an authority, and lets it go on."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.opened import routes, store
from hub.cli.output import show_json
from hub.store import Pause, end_pause, parkings, pause, pauses

__all__ = ["park", "resume"]

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Authority = Annotated[str, typer.Argument(help="Six-digit key.")]


def park(
    authority: Authority,
    reason: Annotated[str, typer.Option(help="Why; it is kept, so write nothing personal.")],
    json: AsJson = False,
) -> None:
    """Pause an authority: its messages wait until `hub resume`, no probe lets them go."""
    if authority not in routes().authorities:
        raise CommandFailure(f"No authority in the routing table has the key {authority}.")
    new = Pause(authority, datetime.now(UTC), actor(), reason)
    if (other := asyncio.run(_park(new))) is not None:
        raise CommandFailure(
            f"Authority {authority} is paused already, by {other.actor}"
            f" since {other.since:%Y-%m-%d %H:%M} UTC: {other.reason}"
        )
    if json:
        show_json(Pause, new)
    else:
        print(f"Authority {authority} is paused; nothing goes to it until hub resume {authority}.")


def resume(authority: Authority, json: AsJson = False) -> None:
    """Let the messages of a paused authority go again."""
    was_paused, cause = asyncio.run(_resume(authority))
    outage = f"It cannot be reached ({cause}), and is probed by the hub itself." if cause else ""
    if not was_paused:
        raise CommandFailure(f"Authority {authority} is not paused. {outage}".rstrip())
    if json:
        show_json(dict[str, str | None], {"authority": authority, "parked": cause})
    else:
        print(f"Authority {authority} goes on. {outage}".rstrip())


async def _park(new: Pause) -> Pause | None:
    """The pause that was there before, if one was."""
    async with store() as opened:
        if await opened.run(lambda c: pause(c, new)):
            return None
        known = await opened.read(pauses)
        return next(each for each in known if each.authority == new.authority)


async def _resume(authority: str) -> tuple[bool, str | None]:
    """Whether it was paused, and why it is parked, if it is."""
    async with store() as opened:
        ended = await opened.run(lambda c: end_pause(c, authority, actor(), datetime.now(UTC)))
        parked = {each.authority: each.cause for each in await opened.read(parkings)}
        return ended, parked.get(authority)
