"""`hub queues`: what waits in the broker, from the broker itself, and why it waits."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, reading, routes
from hub.cli.output import show_json, show_table
from hub.model.failure import HubFailure
from hub.web.queues import Held, QueueRow, held, queue_names, queue_rows

__all__ = ["queues"]

_PROVIDERS: Final = ("local", "notice", "zbp")


def queues(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show how deep each of the hub's queues is, and who takes from it or why nobody does."""
    found = asyncio.run(_rows())
    if json:
        show_json(list[QueueRow], found)
    else:
        columns = ("queue", "#messages", "#consumers", "state", "since (UTC)", "next probe", "")
        show_table(columns, (_cells(each) for each in found))


async def _rows() -> list[QueueRow]:
    names = queue_names(routes().authorities, _PROVIDERS)
    async with broker("hub queues") as connected:
        states = await connected.queue_states(names)
    return queue_rows(states, await _held(), (), datetime.now(UTC))


async def _held() -> Held | None:
    try:
        async with reading() as store:
            return await store.read(held)
    except (HubFailure, CommandFailure):
        print("The store cannot be read: who is parked or paused is not known.", file=sys.stderr)
        return None


def _cells(row: QueueRow) -> tuple[object, ...]:
    state, since = row.state or "nobody consumes it", _time(row.since)
    return (
        row.queue,
        row.messages,
        row.consumers,
        state,
        since,
        _time(row.next_probe),
        row.sentence,
    )


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
