"""The simulated system of the fictional vendor Alster: files over SFTP, in folders by authority.

`GET /book` on a second port shows what came and what was taken by the hub. Run it with
`python -m hub.sandbox.alster`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from hub.sandbox.alster_desk import Desk
from hub.sandbox.book import Book
from hub.sandbox.mood import Mood
from hub.sandbox.sftp import Keys, serving_files
from hub.sandbox.shown import book_routes

__all__ = ["build"]


def build(folder: Path, keys: Keys, port: int, authorities: Sequence[str]) -> Starlette:
    """Make the system as an ASGI application, which serves SFTP for as long as it runs.

    Args:
        folder: where its book lies, and below `files` what it serves.
        keys: of the server, and of who may log in.
        port: for SFTP.
        authorities: one folder with inbox, outbox and done for each.
    """
    root = folder / "files"
    root.mkdir(parents=True, exist_ok=True)
    book = Book(folder / "book.db")
    desk, something, mood = Desk(root, book, authorities), asyncio.Event(), Mood()
    something.set()  # what lies there from before

    async def work() -> None:
        while True:
            await something.wait()
            something.clear()
            await asyncio.to_thread(desk.look)

    @asynccontextmanager
    async def serving(_app: Starlette) -> AsyncIterator[None]:
        async with (
            serving_files(root, keys, port, something.set, mood),
            asyncio.TaskGroup() as tasks,
        ):
            task = tasks.create_task(work())
            yield
            task.cancel()
        book.close()

    routes = [*book_routes(book, desk.send_again, something.set), *mood.routes]
    return Starlette(routes=routes, lifespan=serving)


def _main(
    port: Annotated[int, typer.Option()],
    book_port: Annotated[int, typer.Option()],
    folder: Annotated[Path, typer.Option()],
    authority: Annotated[list[str], typer.Option()],
) -> None:
    app = build(folder, Keys(folder), port, authority)
    uvicorn.run(app, host="127.0.0.1", port=book_port, log_level="warning")


if __name__ == "__main__":
    typer.run(_main)
