"""`python -m hub.sandbox.visit`: applicants come to a hub that runs already, and to its neighbours.

In the hub's own environment, for trials such as the profile `demo` of docker-compose.yml: sends
one submission of each variant, answers the letters in the hub's mailbox, and compares the books
of all, as `hub demo` does with a hub of its own. The exit code is 0 only if all is well.
"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.adapter import adapters
from hub.broker import Broker
from hub.routing import RoutingTable
from hub.sandbox.applicants import Applicants
from hub.sandbox.destinations import destinations
from hub.sandbox.observer import Observer
from hub.sandbox.play import Play, read_books
from hub.sandbox.progress import shown
from hub.sandbox.samples import samples
from hub.sandbox.table import show
from hub.sandbox.verdict import Verdict, judge
from hub.settings import Settings
from hub.store import Sealer, open_store

__all__ = ["visit"]


async def visit(
    settings: Settings, console: Console, *, token: str, books: list[str], count: int | None
) -> Verdict:
    """Play all cases through, and judge.

    Args:
        settings: the hub's.
        console: where the progress and the outcome are shown.
        token: of the online service, for the hub's doors.
        books: addresses at which the simulated systems show theirs.
        count: how many submissions; else one of each variant.
    """
    began = time.monotonic()
    routes = RoutingTable.load(settings.routing, adapters())
    sent = samples(destinations(routes, datetime.now(UTC).date()), count)
    async with (
        Broker(settings.amqp_urls, name="applicants", tls=settings.amqp_tls) as broker,
        open_store(
            settings.store_at, settings.documents, Sealer.from_text(settings.keys())
        ) as store,
    ):
        await broker.wait_ready()
        applicants = Applicants(broker.publisher, f"{settings.public_url}/documents", token)
        observer = Observer(store)
        play = Play(sent, applicants, observer)
        async with shown(play, console):
            await play.run()
        verdict = judge(sent, await read_books(sent, applicants, observer, books))
    show(console, verdict, routes, time.monotonic() - began)
    return verdict


def _main(
    token_file: Annotated[Path, typer.Option()],
    book: Annotated[list[str], typer.Option()],
    count: Annotated[int | None, typer.Option(min=1)] = None,
) -> None:
    console = Console(stderr=True)
    token = token_file.read_text("utf-8").strip()
    verdict = asyncio.run(visit(Settings(), console, token=token, books=book, count=count))
    raise typer.Exit(0 if verdict.good else 1)


if __name__ == "__main__":
    typer.run(_main)
