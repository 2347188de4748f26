"""`hub calendar`: what changes on the next 1 May and 1 November, and on other days, for whom."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.adapter import adapters
from hub.cli.output import show_json
from hub.routing import CutOver, Day, RoutingTable, calendar

__all__ = ["show_calendar"]

_ROUTING: Final = Path("routing.yaml")


def show_calendar(
    routing: Annotated[
        Path, typer.Option(envvar="HUB_ROUTING", help="The routing table.")
    ] = _ROUTING,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The days after this one; today if not given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which formats change when, and for whom."""
    today = (since or datetime.now(UTC)).date()
    days = calendar(RoutingTable.load(routing, adapters(), since=today), today)
    if as_json:
        show_json(tuple[Day, ...], days)
    else:
        print("\n\n".join("\n".join(_lines(day, today)) for day in days))


def _lines(day: Day, today: date) -> Iterator[str]:
    what = ", a day of releases" if day.is_release else ""
    yield f"{day.on}{what}, in {(day.on - today).days} days"
    for change in day.changing:
        yield from _change(change, day.on)
    for stays in day.staying:
        yield (
            f"  {stays.system}: stays with {stays.adapter} {stays.version};"
            f" nothing else is announced{_for(stays.authorities)}"
        )


def _change(change: CutOver, on: date) -> Iterator[str]:
    yield (
        f"  {change.system}: {change.adapter} {change.before} → {change.after}"
        f"{_for(change.authorities)}"
    )
    for word, kinds in (("carries also", change.gains), ("no longer carries", change.loses)):
        if kinds:
            yield f"    {word} {', '.join(kinds)}"
    until = f"until {change.read_until}" if change.read_until else "until a next format holds"
    yield f"    what comes in {change.before} is read {until}"
    if change.authorities:
        yield f"    try it now: hub rehearse --on {on} --authority {change.authorities[0]}"


def _for(authorities: Sequence[str]) -> str:
    return f", for {', '.join(authorities)}" if authorities else ", for no authority"
