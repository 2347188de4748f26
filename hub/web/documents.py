"""PUT /documents/{sha256}: where an online service brings a document before its submission.

For documents that are too large to travel inside a message. They lie under their sender's
name until a submission of that sender lists their hash; what nobody lists is swept away.
"""

import asyncio
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.model.document import MAX_DOCUMENT_BYTES
from hub.web.access import Access
from hub.web.doors import Doors
from hub.web.problems import Rejected, door

__all__ = ["document_door"]

_SECONDS_TO_ARRIVE: Final = 600
_log = structlog.get_logger()


def document_door(hub: Doors, access: Access) -> Route:
    """The door for documents. Putting one again changes nothing."""

    async def put(request: Request) -> Response:
        sender = access.sender(request)
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > MAX_DOCUMENT_BYTES:
            raise Rejected(
                413,
                "document.too_large",
                f"A document may have at most {MAX_DOCUMENT_BYTES} bytes.",
            )
        async with asyncio.timeout(_SECONDS_TO_ARRIVE):
            size = await hub.store.documents.stage(
                sender, request.path_params["sha256"], request.stream(), MAX_DOCUMENT_BYTES
            )
        _log.info("document.staged", sender=sender, bytes=size)
        return JSONResponse({"size": size}, 201)

    return Route("/documents/{sha256}", door(put), methods=["PUT"])
