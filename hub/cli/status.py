"""`hub status`: whether all is well, in one look."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import store
from hub.cli.output import show_json, show_table
from hub.store import Parking, Pause, Status, needs
from hub.store import status as take_the_look

__all__ = ["status"]


def status(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show how the hub stands; exit code 1 if something needs a person."""
    seen = asyncio.run(_status())
    if json:
        show_json(Status, seen)
    else:
        show_table(("", "#", ""), _rows(seen))
    if needed := needs(seen):
        raise CommandFailure(*needed)


async def _status() -> Status:
    async with store() as opened:
        now = datetime.now(UTC)
        return await opened.read(lambda c: take_the_look(c, now))


def _rows(seen: Status) -> Iterator[tuple[str, object, str]]:
    yield "owed", seen.owed, _oldest(seen, seen.oldest_owed_since)
    yield "handed over, no receipt yet", seen.handed_over, _oldest(seen, seen.oldest_handed_over_at)
    yield "parked: cannot be reached", len(seen.parked), _named(seen.parked)
    yield "paused by a person", len(seen.paused), _named(seen.paused)
    causes = ", ".join(f"{cause} {count}" for cause, count in seen.dead.items())
    yield "dead letters", sum(seen.dead.values()), causes
    yield "ledger", "", "balances" if seen.balanced else "DOES NOT BALANCE"


def _oldest(seen: Status, since: datetime | None) -> str:
    if since is None:
        return ""
    seconds = int((seen.at - since).total_seconds())
    days, rest = divmod(seconds, 86_400)
    age = f"{days} days " if days else ""
    return f"the oldest for {age}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _named(held: tuple[Parking, ...] | tuple[Pause, ...]) -> str:
    return " ".join(each.authority for each in held)
