"""The simulated vendor system: XAusländer 26.11 over HTTP, several installations in one process.

`POST /systems/<system>/<authority>` takes a message, `GET /book` shows what came and what was
sent. Its updates go to the hub's door for returns. Run it with `python -m hub.sandbox.system`.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sandbox.book import Book
from hub.sandbox.mood import Mood
from hub.sandbox.outbox import Outbox
from hub.sandbox.reception import Reception
from hub.sandbox.shown import book_routes

__all__ = ["build"]

_SCHEMAS: Final = Path(__file__).parents[2] / "xsd" / "xauslaender" / "26.11"


def build(
    folder: Path, *, returns_url: str, token: str, test_systems: tuple[str, ...] = ()
) -> Starlette:
    """Make the system as an ASGI application.

    Args:
        folder: where its book lies.
        returns_url: where updates go, without the authority's key.
        token: bearer token, both of who may send here and of the updates sent.
        test_systems: installations that take messages marked `test`, and no others.
    """
    book = Book(folder / "book.db")
    reception, mood = Reception(book, _SCHEMAS, test_systems), Mood()

    async def take(request: Request) -> Response:
        if not _allowed(request, token):
            return JSONResponse({"codes": ["T070"], "sentence": "Unknown sender."}, 401)
        if request.method == "OPTIONS":
            return Response(status_code=204)  # somebody only looks whether they may come
        if (unwilling := mood.answer()) is not None:
            return unwilling
        system, authority = request.path_params["system"], request.path_params["authority"]
        body = await request.body()
        decision = await asyncio.to_thread(reception.take, system, authority, body)
        request.app.state.outbox.wake()
        return JSONResponse(dict(decision.body), decision.status)

    @asynccontextmanager
    async def sending(app: Starlette) -> AsyncIterator[None]:
        app.state.outbox = Outbox(book, returns_url, token)
        task = asyncio.create_task(app.state.outbox.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            book.close()

    routes = [
        Route("/systems/{system}/{authority}", take, methods=["POST", "OPTIONS"]),
        *book_routes(book, book.owe_again, lambda: app.state.outbox.wake()),
        *mood.routes,
    ]
    app = Starlette(routes=routes, lifespan=sending)
    return app


def _allowed(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _main(
    port: Annotated[int, typer.Option()],
    returns_url: Annotated[str, typer.Option()],
    token_file: Annotated[Path, typer.Option()],
    folder: Annotated[Path, typer.Option()],
    test_system: Annotated[list[str] | None, typer.Option()] = None,
) -> None:
    app = build(
        folder,
        returns_url=returns_url,
        token=token_file.read_text("utf-8").strip(),
        test_systems=tuple(test_system or ()),
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(_main)
