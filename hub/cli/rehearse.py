"""`hub rehearse`: what a cut-over, or another routing table, would change. Nothing is sent.

Runs the adapters' `write` in this process, without the processes that guard a hub: it lives for
one command. Owed messages are opened in memory only, counted, and nothing of them is shown.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from os import environ
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.adapter import Authority, Context, adapters
from hub.cli.opened import reading, settings
from hub.cli.output import show_json
from hub.cli.rehearsed import show
from hub.model.document import Document
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.rehearsal import Official, Rehearsal, Report, Ways, ways
from hub.routing import RoutingTable
from hub.stages.content import open_kept, open_profile
from hub.store import Case, Message, StoreReader, owed_downward
from hub.xml import SchemaSet

__all__ = ["rehearse"]

_PAGE: Final = 100


def rehearse(
    routing: Annotated[
        Path,
        typer.Option(
            envvar="HUB_ROUTING", exists=True, dir_okay=False, help="The table that holds."
        ),
    ] = Path("routing.yaml"),
    new: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The table to come; the same if not given."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day to come; else today for a new table, and the next cut-over of each"
            " authority for the same one.",
        ),
    ] = None,
    authority: Annotated[
        list[str] | None, typer.Option(help="Look at this one only; may be given again.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> int:
    """Translate what is owed, and made-up messages, by two tables or days; send nothing."""
    today = datetime.now(UTC).date()
    held, to_come = _load(routing), None if new is None else _load(new)
    keys = _chosen(authority or [], held, to_come or held)
    day = None if on is None else on.date()
    report = asyncio.run(_rehearsed(ways(held, to_come, day, today), keys))
    if json:
        show_json(Report, report)
    else:
        show(report)
    return 0 if report.holds else 1


def _load(path: Path) -> RoutingTable:
    # What a format cannot carry is for the rehearsal to find out.
    return RoutingTable.load(path, adapters(), since=None)


def _chosen(wanted: Sequence[str], *tables: RoutingTable) -> list[AuthorityKey]:
    known = dict.fromkeys(key for table in tables for key in table.authorities)
    if unknown := [key for key in wanted if key not in known]:
        raise typer.BadParameter(f"neither table has an authority {' or '.join(unknown)}")
    return [key for key in known if not wanted or key in wanted]


async def _rehearsed(by: Ways, keys: Iterable[AuthorityKey]) -> Report:
    if not {"HUB_CONTENT_KEY", "HUB_CONTENT_KEY_FILE"} & environ.keys():
        rehearsal = Rehearsal(by, keys, {})
        rehearsal.try_generated()
        return rehearsal.report(opened=None)
    rehearsal = Rehearsal(by, keys, _official(settings().official_schemas))
    async with reading() as store:
        opened = await _try_owed(rehearsal, store)
    rehearsal.try_generated()
    return rehearsal.report(opened)


async def _try_owed(rehearsal: Rehearsal, store: StoreReader) -> int:
    """Compare every owed message that it concerns; says how many were opened."""
    opened = 0
    async for message, case in _owed(store):
        if message.content is not None and rehearsal.concerns(message.authority):
            opened += 1
            kept = open_kept(store.sealer, message.content, message.id)
            rehearsal.try_owed(kept.message, _context(store, message, case))
    return opened


async def _owed(store: StoreReader) -> AsyncIterator[tuple[Message, Case]]:
    last: MessageUuid | None = None
    while page := await store.read(partial(owed_downward, after=last, limit=_PAGE)):
        for each in page:
            yield each
        last = page[-1][0].id


def _context(store: StoreReader, message: Message, case: Case) -> Context:
    def load(document: Document) -> bytes:
        return store.documents.load(case.id, document.sha256)

    return Context(
        authority=Authority(message.authority, ""),
        message=message.wire,
        created_at=message.created_at,
        application_id=case.application_id,
        service=case.service,
        sender=open_profile(store.sealer, case.profile, case.id).sender,
        back_channel=case.back_channel,
        test=case.test,
        load=load,
    )


def _official(folder: Path | None) -> Official:
    if folder is None:
        return {}
    return {
        (adapter.name, version): SchemaSet(folder / adapter.name / version)
        for adapter in adapters().values()
        for version in adapter.formats
        if (folder / adapter.name / version).is_dir()
    }
