"""What every simulated system shows of its book, and what it can be asked to send once more."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sandbox.book import Book

__all__ = ["book_routes"]


def book_routes(
    book: Book, send_again: Callable[[Sequence[UUID]], None], wake: Callable[[], None]
) -> list[Route]:
    """`GET /book` shows all; `POST /again` takes the UUIDs of updates that the hub has lost.

    Args:
        book: the system's.
        send_again: owes those updates again, in this order; called in a thread.
        wake: says that something is owed.
    """

    async def show(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(book.as_json))

    async def again(request: Request) -> Response:
        uuids = [UUID(each) for each in await request.json()]
        await asyncio.to_thread(send_again, uuids)
        wake()
        return Response(status_code=204)

    return [Route("/book", show), Route("/again", again, methods=["POST"])]
