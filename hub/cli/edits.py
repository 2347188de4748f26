"""`hub dead edit` and what follows it: one person proposes, another approves.

Whoever may run commands here may open contents; who approves must be another Unix user than
whoever proposed, and is named in the audit by that.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from hub.adapter import adapters
from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, routes, settings, store
from hub.cli.output import show_json, show_table
from hub.stages.editing import EditRefused
from hub.stages.edits import Approved, Edits
from hub.store import (
    Connection,
    Edit,
    EditState,
    Store,
    dead_letter_by_id,
    edit_by_id,
    open_edits,
)
from hub.workshop.workshop import Workshop

__all__ = ["approve", "edit", "edits", "withdraw"]

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
TheEdit = Annotated[UUID, typer.Argument(metavar="EDIT", help="Id of the proposal.")]


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal; what it changes, and what is wrong with it, only where it was opened."""

    id: UUID
    letter: UUID
    sha256: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: EditState
    difference: str | None = None
    problems: tuple[tuple[str, str], ...] = ()


def edit(
    id: Annotated[UUID, typer.Argument(help="Of the dead letter.")],  # noqa: A002
    file: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The content as it should be.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept, so write nothing personal.")],
    json: AsJson = False,
) -> None:
    """Propose another content for a dead letter; nothing is sent before another approves it.

    `hub dead show ID --content --json` gives the content to begin with.
    """
    one = asyncio.run(_propose(id, file, reason))
    if json:
        show_json(Shown, one)
    else:
        print(f"Proposed as edit {one.id}; another person has to approve it.")


def edits(
    id: Annotated[  # noqa: A002
        UUID | None,
        typer.Argument(metavar="[EDIT]", help="Show what this one changes; that is written down."),
    ] = None,
    json: AsJson = False,
) -> None:
    """List the proposals that wait for a second person, or open one."""
    if id is not None:
        one = asyncio.run(_opened(id))
        if json:
            show_json(Shown, one)
        else:
            _show(one)
        return
    found = asyncio.run(_list())
    if json:
        show_json(list[Shown], found)
    elif not found:
        print("No edit waits for a second person.")
    else:
        columns = ("edit", "of letter", "proposed (UTC)", "by", "why")
        show_table(columns, (_row(each) for each in found))


def approve(
    id: TheEdit,  # noqa: A002
    hash: Annotated[str, typer.Option(help="SHA-256 of what `hub dead edits EDIT` showed.")],  # noqa: A002
    json: AsJson = False,
) -> None:
    """Let another person's edit pass, and send it on its way."""
    approved = asyncio.run(_approve(id, hash))
    if json:
        show_json(Approved, approved)
    else:
        under = "" if approved.wire is None else f" under the new message UUID {approved.wire}"
        print(f"Approved: letter {approved.letter} is on its way again{under}.")


def withdraw(id: TheEdit, json: AsJson = False) -> None:  # noqa: A002
    """Give a proposal up; its dead letter stays open."""
    asyncio.run(_withdraw(id))
    if json:
        show_json(UUID, id)
    else:
        print("Withdrawn.")


async def _propose(letter: UUID, file: Path, reason: str) -> Shown:
    try:
        text = await asyncio.to_thread(file.read_text, "utf-8")
    except UnicodeDecodeError:
        raise CommandFailure(f"{file}: is not text in UTF-8; save it so.") from None
    async with store() as opened, _edits(opened, None) as work:
        try:
            return _shown(await work.propose(letter, text, actor=actor(), reason=reason))
        except EditRefused as refused:
            raise CommandFailure(*_lines(refused.problems)) from None


async def _list() -> list[Shown]:
    async with store() as opened:
        return [_shown(each) for each in await opened.read(open_edits)]


async def _opened(id_: UUID) -> Shown:
    async with store() as opened, _edits(opened, None) as work:
        proposal = await work.open(id_, actor=actor())
    return _shown(proposal.edit, proposal.difference, proposal.problems)


async def _approve(id_: UUID, sha256: str) -> Approved:
    async with store() as opened, _edits(opened, id_) as work:
        try:
            return await work.approve(id_, sha256, actor=actor())
        except EditRefused as refused:
            raise CommandFailure(*_lines(refused.problems)) from None


async def _withdraw(id_: UUID) -> None:
    async with store() as opened, _edits(opened, None) as work:
        await work.withdraw(id_, actor=actor())


@asynccontextmanager
async def _edits(opened: Store, to_publish: UUID | None) -> AsyncIterator[Edits]:
    """`to_publish`: an edit that is to be sent; the broker is needed only if it has no row."""
    table = routes()
    async with Workshop(adapters(), settings().official_schemas) as workshop:
        if to_publish is None or await opened.read(lambda c: _has_a_row(c, to_publish)):
            yield Edits(opened, None, lambda: table, workshop, _now)
            return
        async with broker("hub dead") as connected:
            yield Edits(opened, connected.publisher, lambda: table, workshop, _now)


def _has_a_row(connection: Connection, id_: UUID) -> bool:
    found = edit_by_id(connection, id_)
    letter = dead_letter_by_id(connection, found.letter) if found is not None else None
    return letter is None or letter.message is not None


def _shown(
    one: Edit, difference: str | None = None, problems: tuple[tuple[str, str], ...] = ()
) -> Shown:
    return Shown(
        id=one.id,
        letter=one.letter,
        sha256=one.sha256,
        reason=one.reason,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        state=one.state,
        difference=difference,
        problems=problems,
    )


def _show(one: Shown) -> None:
    show_table(
        ("edit", ""),
        [
            ("id", one.id),
            ("of letter", one.letter),
            ("proposed", f"{one.proposed_at:%Y-%m-%d %H:%M:%S} UTC by {one.proposed_by}"),
            ("why", one.reason),
            ("sha256", one.sha256),
        ],
    )
    print(f"\nOpened, and written down in the audit:\n\n{one.difference}")
    if one.problems:
        raise CommandFailure("It cannot pass any more:", *_lines(one.problems))


def _lines(problems: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{place}: {sentence}" if place else sentence for place, sentence in problems]


def _row(one: Shown) -> tuple[object, ...]:
    return one.id, one.letter, f"{one.proposed_at:%Y-%m-%d %H:%M}", one.proposed_by, one.reason


def _now() -> datetime:
    return datetime.now(UTC)
