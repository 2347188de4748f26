"""`python -m hub.sandbox.spree`: the simulated Spree as a process; `GET /book` shows its book."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from hub.sandbox.book import Book
from hub.sandbox.shown import book_routes
from hub.sandbox.spree.system import running_spree


def _main(
    port: Annotated[int, typer.Option()],
    folder: Annotated[Path, typer.Option()],
    authority: Annotated[list[str], typer.Option()],
    # Holds a password: not for the list of processes.
    amqp_url: Annotated[str, typer.Option(envvar="SPREE_AMQP_URL")],
) -> None:
    book, more = Book(folder / "spree.db"), asyncio.Event()

    @asynccontextmanager
    async def working(_app: Starlette) -> AsyncIterator[None]:
        async with running_spree(amqp_url, book, authority, more):
            yield
        book.close()

    app = Starlette(routes=book_routes(book, book.owe_again, more.set), lifespan=working)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(_main)
