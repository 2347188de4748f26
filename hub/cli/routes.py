"""`hub routes`: is the routing table right, where does a message go, what would change."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.adapter import adapters
from hub.cli.connecting import Tried, try_endpoints
from hub.cli.endpoints import wrong_endpoints
from hub.cli.failures import CommandFailure
from hub.cli.opened import broker_settings
from hub.model.details import Service
from hub.routing import RoutingTable

__all__ = ["app"]

app: Final = typer.Typer(help="The routing table.", no_args_is_help=True)

Routing = Annotated[Path, typer.Option(envvar="HUB_ROUTING", help="The routing table.")]
ROUTING: Final = Path("routing.yaml")


@app.command()
def check(
    routing: Routing = ROUTING,
    connect: Annotated[
        bool,
        typer.Option(
            help="Try every endpoint, too: settings, connection, credentials. Sends nothing."
        ),
    ] = False,
    amqp_url: Annotated[
        str | None,
        typer.Option(help="RabbitMQ for --connect, in place of HUB_AMQP_URL.", show_default=False),
    ] = None,
) -> int:
    """Say what is wrong with the routing table, with lines and what to write instead."""
    table = _load(routing)
    if wrong := list(wrong_endpoints(table)):
        raise CommandFailure(*(f"{routing}: {sentence}" for sentence in wrong))
    print(
        f"{routing}: nothing wrong; {len(table.authorities)} authorities"
        f" on {len(table.systems)} systems."
    )
    if not connect:
        return 0
    tried = asyncio.run(try_endpoints(table, broker_settings(amqp_url)))
    print("\n".join(map(_line, tried)))
    return 0 if all(each.works for each in tried) else 1


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


def _line(tried: Tried) -> str:
    mark, keys = "✓" if tried.works else "✗", " ".join(tried.authorities)
    return f"{mark} {tried.system} by {tried.transport}, {keys}: {tried.said}"


def _load(path: Path) -> RoutingTable:
    return RoutingTable.load(path, adapters(), since=datetime.now(UTC).date())
