"""The simulated Isar as an ASGI application.

`POST /isar/<authority>` takes calls, `GET /book` shows what came and what was fetched.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sandbox.book import Book
from hub.sandbox.isar.envelope import MEDIA_TYPE
from hub.sandbox.isar.reception import Reception
from hub.sandbox.mood import Mood
from hub.sandbox.shown import book_routes

__all__ = ["build"]


def build(folder: Path, *, token: str) -> Starlette:
    """Make the system; its book lies in `folder`, and `token` is that of who may call."""
    book = Book(folder / "isar.db")
    reception, mood = Reception(book), Mood()

    async def take(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return Response(status_code=401)
        if request.method == "OPTIONS":
            return Response(status_code=204)  # somebody only looks whether they may come
        if (unwilling := mood.answer()) is not None:
            return unwilling
        authority = request.path_params["authority"]
        kind, body = request.headers.get("content-type", ""), await request.body()
        answer = await asyncio.to_thread(reception.take, authority, kind, body)
        return Response(answer.body, answer.status, {"Content-Type": MEDIA_TYPE})

    @asynccontextmanager
    async def open_book(_app: Starlette) -> AsyncIterator[None]:
        yield
        book.close()

    routes = [
        Route("/isar/{authority}", take, methods=["POST", "OPTIONS"]),
        *book_routes(book, book.owe_again, lambda: None),  # the hub asks by itself
        *mood.routes,
    ]
    return Starlette(routes=routes, lifespan=open_book)
