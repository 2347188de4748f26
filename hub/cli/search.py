"""`hub search`: finds cases by ids and codes, the newest first."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import reading
from hub.cli.output import show_json, show_table
from hub.model.details import Service
from hub.store import PAGE, Criteria, Found, State
from hub.store import search as find

__all__ = ["search"]

_Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="UTC day.")]


def search(
    id: Annotated[  # noqa: A002 - an id is called id
        str | None, typer.Argument(help="Of a case, a message or an application.")
    ] = None,
    authority: Annotated[str | None, typer.Option(help="Six-digit key.")] = None,
    service: Annotated[Service | None, typer.Option(help="The online service.")] = None,
    state: Annotated[str | None, typer.Option(help="Phase of the case, see docs/case.md.")] = None,
    standing: Annotated[
        Literal["owed", "handed_over", "dead"] | None, typer.Option(help="One of its messages is.")
    ] = None,
    cause: Annotated[str | None, typer.Option(help="Cause of an open dead letter.")] = None,
    since: _Day = None,
    until: _Day = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Find cases, fifty at most; exit code 1 if there are none."""
    criteria = Criteria(
        id=id,
        authority=authority,
        service=service,
        state=state,
        standing=State(standing) if standing else None,
        cause=cause,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
    )
    found, more = asyncio.run(_found(criteria))
    if not found:
        raise CommandFailure("No case is like this.")
    if json:
        show_json(list[Found], found)
        return
    columns = ("received (UTC)", "application", "service", "authority", "case is", "case")
    show_table(columns, (_row(each) for each in found))
    if more:
        print(f"\nThese are the newest {PAGE}; narrow the search with --until.")


async def _found(criteria: Criteria) -> tuple[list[Found], bool]:
    async with reading() as store:
        page = await store.read(lambda c: find(c, criteria))
    return list(page.found), page.behind is not None


def _row(found: Found) -> tuple[object, ...]:
    return (
        f"{found.created_at:%Y-%m-%d %H:%M:%S}",
        found.application_id,
        found.service,
        found.authority,
        found.state,
        found.id,
    )
