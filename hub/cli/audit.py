"""`hub audit`: who did or opened what, and whether the record of it is whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import store
from hub.cli.output import show_json, show_table
from hub.store import AuditedAct, Connection, acts, last_act, verify_acts

__all__ = ["app"]

app: Final = typer.Typer(help="Who did or opened what.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("list")
def list_(
    after: Annotated[int, typer.Option(help="Only acts with higher numbers.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
    json: AsJson = False,
) -> None:
    """List acts, the oldest first."""
    found = asyncio.run(_read(lambda c: acts(c, after=after, limit=limit)))
    if json:
        show_json(list[AuditedAct], found)
        return
    columns = ("#act", "when (UTC)", "actor", "action", "subject", "detail")
    show_table(columns, (_row(one) for one in found))


@dataclass(frozen=True, slots=True)
class _Verified:
    """`last` is worth keeping elsewhere: with it an end that was cut off is noticed."""

    first_broken: int | None
    last: AuditedAct | None


@app.command()
def verify(json: AsJson = False) -> None:
    """Verify the chain of all acts; exit code 1 if one was changed, removed or put in."""
    found = asyncio.run(_read(lambda c: _Verified(verify_acts(c), last_act(c))))
    if json:
        show_json(_Verified, found)
    elif found.first_broken is None:
        print(_whole(found.last))
    if found.first_broken is not None:
        raise CommandFailure(
            f"Act {found.first_broken} is not what was written: it, or one in its place, was"
            " changed, removed or put in. Compare the table acts with a backup."
        )


def _whole(last: AuditedAct | None) -> str:
    if last is None:
        return "Nothing was recorded yet."
    return f"All {last.number} acts are as they were written; the last has hash {last.hash}."


def _row(one: AuditedAct) -> tuple[object, ...]:
    act = one.act
    detail = ", ".join(f"{name} {value}" for name, value in act.detail.items())
    return one.number, f"{act.at:%Y-%m-%d %H:%M:%S}", act.actor, act.action, act.subject, detail


async def _read(unit: Callable[[Connection], T]) -> T:
    async with store() as opened:
        return await opened.read(unit)
