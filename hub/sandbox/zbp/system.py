"""The simulated ZBP as an ASGI application.

`PUT /messages` takes a letter, `POST /states` a status, `GET /book` shows who has which letters.
The mailbox with the UUID of zeros does not exist.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography import x509
from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sandbox.zbp.book import Book, Document
from hub.sandbox.zbp.envelope import Doorkeeper
from hub.sandbox.zbp.limits import check_message, check_state
from hub.sandbox.zbp.refusal import Refusal

__all__ = ["build"]

_NOBODY: Final = UUID(int=0)
_MAX_PART_BYTES: Final = 4 * 1024 * 1024
_BEFORE: Final = {
    "INITIATED": frozenset[str](),
    "SUBMITTED": frozenset({"INITIATED"}),
    "RECEIVED": frozenset({"INITIATED", "SUBMITTED"}),
    "PROCESSING": frozenset({"INITIATED", "SUBMITTED", "RECEIVED", "ACTION_REQUIRED"}),
    "ACTION_REQUIRED": frozenset({"INITIATED", "SUBMITTED", "RECEIVED", "PROCESSING"}),
    "COMPLETED": frozenset({"INITIATED", "SUBMITTED", "RECEIVED", "PROCESSING", "ACTION_REQUIRED"}),
}
"""Which statuses may stand before one; each may follow itself."""


def build(folder: Path, *, trusted: Path) -> Starlette:
    """Make the system, with its book in `state.book`.

    Args:
        folder: where the book lies.
        trusted: certificate of who certifies authors, PEM.
    """
    book = Book(folder / "zbp.db")
    doorkeeper = Doorkeeper(x509.load_pem_x509_certificate(trusted.read_bytes()))

    async def put(request: Request) -> Response:
        async with request.form(max_part_size=_MAX_PART_BYTES) as form:
            envelope, files = await _parts(form)

        def take() -> dict[str, Any]:
            message = doorkeeper.open(envelope)
            check_message(message)
            _check_documents(message.get("attachments", []), files)
            if UUID(message["mailboxUuid"]) == _NOBODY:
                raise Refusal(404, "mailbox", "There is no such mailbox.")
            entry = book.provide(message, files)
            return {"id": entry.id, "createdDate": entry.provided_at}

        return JSONResponse(await asyncio.to_thread(take))

    async def post(request: Request) -> Response:
        envelope = (await request.body()).decode("utf-8", "replace")

        def take() -> None:
            state = doorkeeper.open(envelope)
            check_state(state)
            before = book.status_of(state["applicationId"])
            if before not in {None, state["status"]} | _BEFORE[state["status"]]:
                raise Refusal(409, "status", "The status leads back.")
            book.set_status(state)

        await asyncio.to_thread(take)
        return Response(status_code=204)

    async def show(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(book.as_json))

    @asynccontextmanager
    async def with_book(_app: Starlette) -> AsyncIterator[None]:
        yield
        book.close()

    routes = [
        Route("/messages", _refusing(book, put), methods=["PUT"]),
        Route("/states", _refusing(book, post), methods=["POST"]),
        Route("/book", show),
    ]
    app = Starlette(routes=routes, lifespan=with_book)
    app.state.book = book
    return app


Handler = Callable[[Request], Awaitable[Response]]


def _refusing(book: Book, handler: Handler) -> Handler:
    """The handler, with refusals as answers and counted in the book."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            await asyncio.to_thread(book.refused, refusal.code)
            body = {"code": refusal.code, "sentence": refusal.sentence}
            return JSONResponse(body, refusal.status)
        except HTTPException:
            await asyncio.to_thread(book.refused, "form")
            return JSONResponse({"code": "form", "sentence": "This is no such form."}, 400)

    return handle


async def _parts(form: FormData) -> tuple[str, list[Document]]:
    envelopes, files, documents = form.getlist("json"), form.getlist("files"), []
    if len(envelopes) != 1 or not isinstance(envelopes[0], str) or set(form) - {"json", "files"}:
        raise Refusal(400, "form", "A form has one part json, and a part files per document.")
    for file in files:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refusal(400, "form", "A document has a file name.")
        content = await file.read()
        documents.append(Document(file.filename, hashlib.sha512(content).hexdigest(), content))
    return envelopes[0], documents


def _check_documents(attachments: Sequence[dict[str, Any]], files: Sequence[Document]) -> None:
    """What is named must be there, in the same order, whole and no more."""
    if len(attachments) != len(files):
        raise Refusal(400, "attachments", f"{len(attachments)} are named, {len(files)} are there.")
    for number, (named, file) in enumerate(zip(attachments, files, strict=True), start=1):
        if named["filename"] != file.filename:
            raise Refusal(400, "attachments", f"Document {number} has another name.")
        if named["contentLength"] != len(file.content):
            raise Refusal(400, "attachments", f"Document {number} has another length.")
        if named["sha512sum"] != file.sha512sum:
            raise Refusal(400, "attachments", f"Document {number} has another hash.")
