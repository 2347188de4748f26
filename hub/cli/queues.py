"""`hub queues`: what waits in the broker, from the broker itself."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from hub.broker import topology
from hub.cli.opened import broker, routes
from hub.cli.output import show_json, show_table

__all__ = ["queues"]

_PROVIDERS: Final = ("local", "notice", "zbp")


@dataclass(frozen=True, slots=True)
class _Depth:
    queue: str
    messages: int
    consumers: int


def queues(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show depth and consumers of each of the hub's queues that there is."""
    found = asyncio.run(_depths())
    if json:
        show_json(list[_Depth], found)
        return
    rows = ((each.queue, each.messages, each.consumers) for each in found)
    show_table(("queue", "#messages", "#consumers"), rows)


async def _depths() -> list[_Depth]:
    names = [queue.name for queue in topology(routes().authorities, _PROVIDERS).queues]
    async with broker("hub queues") as connected:
        states = await connected.queue_states(names)
    return [_Depth(name, state.messages, state.consumers) for name, state in states.items()]
