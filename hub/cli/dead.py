"""`hub dead`: what the hub gave up on, and what a person decides about it."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from hub.broker import Publisher
from hub.cli import edits
from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.letter import Shown, show_letter, shown
from hub.cli.opened import broker, store
from hub.cli.output import show_json, show_table
from hub.stages.opening import open_dead
from hub.stages.replay import Replay, Replayings, discard_letter
from hub.store import (
    Connection,
    DeadGroup,
    Meant,
    Seen,
    Store,
    dead_groups,
    dead_letter_by_id,
    select_dead,
)

__all__ = ["app"]

app: Final = typer.Typer(help="What the hub gave up on.", no_args_is_help=True)
for _command in (edits.edit, edits.edits, edits.approve, edits.withdraw):
    app.command()(_command)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Cause = Annotated[str | None, typer.Option(help="Only of this cause.")]
Authority = Annotated[str | None, typer.Option(help="Only of this authority.")]
Kind = Annotated[str | None, typer.Option(help="Only messages of this kind.")]


@app.command("list")
def list_(
    cause: Cause = None, authority: Authority = None, kind: Kind = None, json: AsJson = False
) -> None:
    """List open dead letters, grouped by what they died of."""
    groups = asyncio.run(_groups(Meant(cause, authority, kind)))
    if json:
        show_json(list[DeadGroup], groups)
    elif not groups:
        print("No dead letters are open.")
    else:
        columns = ("#count", "cause", "first (UTC)", "last (UTC)", "authorities", "kinds", "one")
        show_table(columns, (_row(group) for group in groups))


@app.command()
def show(
    id: Annotated[UUID, typer.Argument(help="Of the dead letter.")],  # noqa: A002
    content: Annotated[
        bool, typer.Option("--content", help="Open what came in; that is written down.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show one dead letter, and how its last replay ended."""
    one = asyncio.run(_shown(id, content=content))
    if json:
        show_json(Shown, one)
    else:
        show_letter(one)


@app.command()
def replay(
    ids: Annotated[list[UUID] | None, typer.Argument(help="Of dead letters you vouch for.")] = None,
    cause: Cause = None,
    authority: Authority = None,
    kind: Kind = None,
    all_: Annotated[bool, typer.Option("--all", help="Every open dead letter.")] = False,
    json: AsJson = False,
) -> None:
    """Send dead letters on their way again: those that are open now, none that come meanwhile.

    Ctrl-C ends it between two. What you name by its id passes whoever had sent it; all others
    must still come from somebody who may speak for the authority or the sender.
    """
    meant = Meant(cause, authority, kind)
    ways = sum((bool(ids), meant != Meant(), all_))
    if ways != 1:
        raise typer.BadParameter("name ids, or --cause, --authority and --kind, or --all")
    selected, done = asyncio.run(_replay(ids or [], meant))
    if json:
        show_json(list[Replay], done)
    _report(selected, done, quiet=json)


@app.command()
def discard(
    ids: Annotated[list[UUID], typer.Argument(help="Of dead letters.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, so write nothing personal.")],
    json: AsJson = False,
) -> None:
    """Decide that dead letters are not needed; what waits behind their messages goes on."""
    asyncio.run(_discard(ids, reason))
    if json:
        show_json(list[UUID], ids)
    else:
        print(f"Discarded: {len(ids)}.")


async def _groups(meant: Meant) -> list[DeadGroup]:
    async with store() as opened:
        return await opened.read(lambda c: dead_groups(c, meant))


async def _shown(id_: UUID, *, content: bool) -> Shown:
    async with store() as opened:
        text = await open_dead(opened, id_, actor=actor(), now=_now) if content else None
        return await opened.read(lambda c: shown(c, id_, text))


async def _discard(ids: Sequence[UUID], reason: str) -> None:
    def unit(connection: Connection) -> None:
        for id_ in ids:  # all or none: what one command names is one decision
            discard_letter(connection, id_, reason, actor=actor(), now=_now())

    async with store() as opened:
        await opened.run(unit)


async def _replay(ids: Sequence[UUID], meant: Meant) -> tuple[int, list[Replay]]:
    async with store() as opened:
        selection = await opened.read(lambda c: _selection(c, ids, meant))
        stop, done = _stopped_by_ctrl_c(), []
        async with _publisher(opened, selection) as publisher:
            work = Replayings(opened, publisher, _now, actor=actor(), vouched=bool(ids))
            async for each in work.run(selection, stop):
                done.append(each)
                if len(done) % 100 == 0:
                    print(f"{len(done)} of {len(selection)}", file=sys.stderr)
    return len(selection), done


def _selection(connection: Connection, ids: Sequence[UUID], meant: Meant) -> list[Seen]:
    if not ids:
        return select_dead(connection, meant)
    letters = [dead_letter_by_id(connection, id_) for id_ in ids]
    if unknown := [str(id_) for id_, one in zip(ids, letters, strict=True) if one is None]:
        raise CommandFailure(*(f"There is no dead letter {id_}." for id_ in unknown))
    return [Seen(one.id, one.at) for one in letters if one is not None]


def _stopped_by_ctrl_c() -> asyncio.Event:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


@asynccontextmanager
async def _publisher(opened: Store, selection: Sequence[Seen]) -> AsyncIterator[Publisher | None]:
    """A way to the broker, if any of the selection has to take it."""
    letters = [seen.letter for seen in selection]
    if not await opened.read(lambda c: any(_has_no_row(c, id_) for id_ in letters)):
        yield None
        return
    async with broker("hub dead") as connected:
        yield connected.publisher


def _has_no_row(connection: Connection, id_: UUID) -> bool:
    letter = dead_letter_by_id(connection, id_)
    return letter is not None and letter.message is None


def _report(selected: int, done: Sequence[Replay], *, quiet: bool) -> None:
    counts = Counter(each.result for each in done)
    if not quiet:
        print(f"Replayed: {counts['replayed']} of {selected}.")
    said = [
        f"{each.letter}: {each.sentence or 'It changed meanwhile.'}"
        for each in done
        if each.result != "replayed"
    ]
    if len(done) < selected:
        said.append(f"Stopped: {selected - len(done)} are open as before.")
    if said:
        raise CommandFailure(*said)


def _row(group: DeadGroup) -> tuple[object, ...]:
    return (
        group.count,
        group.cause,
        f"{group.first_at:%Y-%m-%d %H:%M}",
        f"{group.last_at:%Y-%m-%d %H:%M}",
        " ".join(group.authorities),
        " ".join(group.kinds),
        group.example,
    )


def _now() -> datetime:
    return datetime.now(UTC)
