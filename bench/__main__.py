"""`python -m bench`: the hub beside a bare relay and its peers, in one run, printed as ratios."""

import asyncio
import json as to_json
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console

from bench.case import LOADS, Case, Kind
from bench.comparing import compare
from bench.drawing import draw
from bench.entrants import ENTRANTS, Entrant
from bench.measuring import Effort
from bench.report import as_object, as_tables

_KILOBYTE: Final = 1000
_BASE: Final = Case()
_CASES: Final = (
    _BASE,
    Case(authorities=400),
    Case(document=200 * _KILOBYTE),
    Case(document=5000 * _KILOBYTE),
    Case(store="postgresql"),
    Case(store="postgresql", processes=2),
)
"""Where nothing is chosen: the usual case first, then one thing changed at a time."""
_QUICK: Final = ("relay", "hub", "faststream")


def _main(
    only: Annotated[
        str | None, typer.Option(help=f"Some of {', '.join(ENTRANTS)}.", show_default=False)
    ] = None,
    authorities: Annotated[
        str | None, typer.Option(help="Numbers of authorities.", show_default=False)
    ] = None,
    documents: Annotated[
        str | None, typer.Option(help="Sizes of the document in kB; 0: none.", show_default=False)
    ] = None,
    processes: Annotated[
        str | None, typer.Option(help="Numbers of worker processes.", show_default=False)
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="sqlite, postgresql or both.", show_default=False)
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="Of each case.", show_default="5")] = None,
    quick: Annotated[bool, typer.Option(help="One case, two rounds: some two minutes.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draws it there as well.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, on the last line.")] = False,
) -> None:
    """Compare; several values of an option are separated by commas, and every pair is measured."""
    chosen = [authorities, documents, processes, store]
    names = only.split(",") if only else (_QUICK if quick else ENTRANTS)
    usual = (_BASE,) if quick else _CASES
    cases = _product(*chosen) if any(chosen) else usual
    effort = Effort(seconds=2, most=500, loads=(50,)) if quick else Effort(8, 4000, LOADS)
    tell = Console(stderr=True).print
    compared = asyncio.run(
        compare(cases, _installed(names), rounds or (2 if quick else 5), effort, tell)
    )
    if svg is not None:
        svg.write_bytes(draw(compared))
    if json:
        print(to_json.dumps(as_object(compared)))
    else:
        for table in as_tables(compared):
            Console().print(table)


def _product(
    authorities: str | None, documents: str | None, processes: str | None, store: str | None
) -> tuple[Case, ...]:
    """Every pair of what was chosen; SQLite has one hub."""
    cases = tuple(
        Case(int(number), int(size) * _KILOBYTE, int(count), kind)
        for number in (authorities or "4").split(",")
        for size in (documents or "0").split(",")
        for count in (processes or "1").split(",")
        for kind in get_args(Kind)
        if kind in (store or ("sqlite" if count == "1" else "postgresql")).split(",")
        and (kind == "postgresql" or count == "1")
    )
    if not cases:
        raise typer.BadParameter("SQLite has one hub: choose --store postgresql for more processes")
    return cases


def _installed(names: tuple[str, ...] | list[str] | dict[str, Entrant]) -> list[Entrant]:
    if unknown := [name for name in names if name not in ENTRANTS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose some of {', '.join(ENTRANTS)}")
    chosen = [each for name, each in ENTRANTS.items() if name in names]
    if missing := [each.name for each in chosen if not each.installed]:
        raise typer.BadParameter(
            f"{', '.join(missing)} is not installed here: run scripts/bench, which has an"
            " environment of its own, or leave it out with --only"
        )
    return chosen


if __name__ == "__main__":
    typer.run(_main)
