"""Whose body is read, and how much of it.

FastAPI reads the body of a call before it asks who calls: without this, whoever reaches the port
could fill the memory of the hub without any token.
"""

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web.access import Access
from hub.web.problems import Rejected, problem

__all__ = ["MAX_BODY_BYTES", "BoundedBodies"]

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""A candidate routing.yaml of a million characters, each escaped in JSON, and what lies around."""

_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class BoundedBodies:
    """Reads nothing of who has no role, and never more than a call can need."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or before anything was read."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        try:
            self._access.person(Request(scope), "viewer")
        except Rejected as no:
            refusal = problem(no.status, no.cause, no.sentence, headers=no.headers)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _bounded(Headers(scope=scope), receive), send)


def _bounded(headers: Headers, receive: Receive) -> Receive:
    stated = headers.get("content-length", "")
    is_too_large = stated.isdecimal() and int(stated) > MAX_BODY_BYTES
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message: Message = {} if is_too_large else await receive()
        seen += len(message.get("body", b""))
        if is_too_large or seen > MAX_BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return bounded
