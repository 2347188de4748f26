"""`hub routes`: is the routing table right, where does a message go, what would change."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.adapter import adapters
from hub.cli.failures import CommandFailure
from hub.model.details import Service
from hub.routing import RoutingTable

__all__ = ["app"]

app: Final = typer.Typer(help="The routing table.", no_args_is_help=True)

Routing = Annotated[Path, typer.Option(envvar="HUB_ROUTING", help="The routing table.")]
ROUTING: Final = Path("routing.yaml")


@app.command()
def check(routing: Routing = ROUTING) -> None:
    """Say what is wrong with the routing table, with lines and what to write instead."""
    table = _load(routing)
    print(
        f"{routing}: nothing wrong; {len(table.authorities)} authorities"
        f" on {len(table.systems)} systems."
    )


@app.command()
def explain(
    service: Annotated[Service, typer.Option(help="The online service.")],
    authority: Annotated[str | None, typer.Option(help="Six-digit key.")] = None,
    place: Annotated[str | None, typer.Option(help="Regional key (ARS), 12 digits.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if not given.")
    ] = None,
    routing: Routing = ROUTING,
) -> None:
    """Say where a message would go, and why."""
    if (authority is None) == (place is None):
        raise CommandFailure("give either --authority or --place")
    day = (on or datetime.now(UTC)).date()
    print(_load(routing).explain(authority=authority, place=place, service=service, on=day))


@app.command()
def diff(
    new: Annotated[Path, typer.Argument(help="The routing table to come.")],
    routing: Routing = ROUTING,
) -> None:
    """Say what would change if NEW took the place of the routing table."""
    changes = _load(routing).diff(_load(new))
    print("\n".join(changes) if changes else f"{new}: the same as {routing}.")


def _load(path: Path) -> RoutingTable:
    return RoutingTable.load(path, adapters())
