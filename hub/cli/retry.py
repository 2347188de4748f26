"""`hub retry` and `hub probe`: a person does not wait for the hub's next attempt."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.acting import actor
from hub.cli.opened import store
from hub.cli.output import show_json
from hub.model.identifiers import MessageUuid
from hub.stages.next_attempts import NextAttempt, probe_place, set_next_attempt, try_all_now

__all__ = ["probe", "retry"]

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]

_PLACE = "Six-digit key of an authority, or name of a mailbox provider."


def retry(
    message: Annotated[UUID | None, typer.Argument(help="Id of a postponed message.")] = None,
    at: Annotated[
        datetime | None, typer.Option(help="When, in UTC; now, if it is not said.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help=f"Everything postponed on its way there. {_PLACE}")
    ] = None,
    json: AsJson = False,
) -> None:
    """Try what was postponed now, or one message at another time."""
    if (message is None) == (place is None) or (at is not None and place is not None):
        raise typer.BadParameter("name a message, with --at or without, or a place by --place")
    if message is not None:
        _one(MessageUuid(message), at, json=json)
    else:
        _all(place or "", json=json)


def probe(
    place: Annotated[str, typer.Argument(help=_PLACE)],
    json: AsJson = False,
) -> None:
    """Let one message through to a parked place now, to see whether it is back."""
    asyncio.run(_probe(place))
    if json:
        show_json(dict[str, str], {"place": place})
    else:
        print(f"{place} is probed with the next message that is owed to it.")


def _one(message: MessageUuid, at: datetime | None, *, json: bool) -> None:
    moved = asyncio.run(_set(message, at))
    if json:
        show_json(NextAttempt, moved)
        return
    print(f"Message {message} is tried at {moved.due_at:%Y-%m-%d %H:%M:%S} UTC.")
    if moved.held == "parked":
        print("Its place is parked, so that it waits for the next probe: see hub probe.")
    elif moved.held == "paused":
        print("Its authority is paused, so that it waits for hub resume.")


def _all(place: str, *, json: bool) -> None:
    count = asyncio.run(_try_all(place))
    if json:
        show_json(dict[str, str | int], {"place": place, "messages": count})
    else:
        print(f"Tried now: {count}.")


async def _set(message: MessageUuid, at: datetime | None) -> NextAttempt:
    wanted = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    async with store() as opened:
        return await opened.run(
            lambda c: set_next_attempt(c, message, wanted, actor=actor(), now=datetime.now(UTC))
        )


async def _try_all(place: str) -> int:
    async with store() as opened:
        return await opened.run(
            lambda c: try_all_now(c, place, actor=actor(), now=datetime.now(UTC))
        )


async def _probe(place: str) -> None:
    async with store() as opened:
        await opened.run(lambda c: probe_place(c, place, actor=actor(), now=datetime.now(UTC)))
