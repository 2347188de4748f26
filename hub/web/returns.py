"""POST /returns/{authority}: where a system brings what its authority has to say.

What is wrong with a document is said at once, to the one who can repair it. What is accepted
was confirmed by the broker: from then on the hub answers for it.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.adapter import Authority
from hub.broker import RETURNS
from hub.stages.admission import SPEAKER
from hub.store import Act, Store, audit
from hub.traceparent import TRACEPARENT, traceparent_in
from hub.web.access import Access, Encroached, Grant
from hub.web.arriving import Arriving
from hub.web.doors import Doors
from hub.web.problems import Rejected, door
from hub.xml import RETURN_LIMITS

__all__ = ["return_door"]

_SECONDS_TO_ARRIVE: Final = 120
_AT_ONCE: Final = 8
_AT_ONCE_OF_ONE: Final = 4
"""Largest documents that are held until they were read: most are a thousandth of that."""
_WAIT: Final = timedelta(seconds=20)
_log = structlog.get_logger()


def return_door(hub: Doors, access: Access) -> Route:
    """The door for updates, receipts and refusals of systems."""
    largest = RETURN_LIMITS.max_bytes
    arriving = Arriving(_AT_ONCE_OF_ONE * largest, _AT_ONCE * largest)

    async def take(request: Request) -> Response:
        key = request.path_params["authority"]
        grant = await _admitted(hub.store, access, request, key)
        with arriving.reserved(grant.actor, _checked_size(request.headers)):
            return await pass_on(request, key, grant)

    async def pass_on(request: Request, key: str, grant: Grant) -> Response:
        entry = hub.routes.table.find(authority=key, place=None)
        today = datetime.now(UTC).date()
        versions = hub.routes.table.readable(key, today)
        adapter = hub.routes.table.systems[entry.system].adapter
        trace = traceparent_in(request.headers)
        body = await _body(request)
        # Proves that the document can be read, as INTERPRET will read it.
        authority = Authority(entry.key, entry.name)
        await hub.workshop.read(adapter, versions, body, authority, wait=_WAIT)
        await hub.broker.publisher.publish(
            RETURNS,
            f"{adapter}.{key}",
            body,
            type="update",
            headers={
                "authority": key,
                "adapter": adapter,
                SPEAKER: grant.actor,
                **({TRACEPARENT: trace} if trace else {}),
            },
            content_type="application/xml",
        )
        _log.info("return.accepted", authority=key, adapter=adapter, bytes=len(body))
        return JSONResponse({"accepted": True}, 202)

    return Route("/returns/{authority}", door(take), methods=["POST"])


async def _admitted(store: Store, access: Access, request: Request, key: str) -> Grant:
    """What opens the door; what was shown at a foreign door is audited."""
    try:
        return access.authority(request, key)
    except Encroached as refused:
        # Whatever stands in the path is written down only if it can be a key.
        subject = key if re.fullmatch("[0-9]{6}", key) else "unknown"
        detail = {"cause": refused.cause}
        act = Act(datetime.now(UTC), refused.grant.actor, "return.refused", subject, detail)
        await store.run(lambda c: audit(c, act))
        raise


def _checked_size(headers: Headers) -> int:
    """How many bytes the body has at most."""
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "").partition("charset=")[2]
    if media_type.strip() not in {"application/xml", "text/xml"} or charset not in {"", "utf-8"}:
        raise Rejected(415, "content.type", "Send application/xml in UTF-8.")
    if headers.get("content-encoding", "identity") != "identity":
        raise Rejected(415, "content.encoding", "Send the XML uncompressed.")
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return RETURN_LIMITS.max_bytes
    if int(length) > RETURN_LIMITS.max_bytes:
        raise _too_large()
    return int(length)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async with asyncio.timeout(_SECONDS_TO_ARRIVE):
        async for chunk in request.stream():
            body += chunk
            if len(body) > RETURN_LIMITS.max_bytes:
                raise _too_large()
    return bytes(body)


def _too_large() -> Rejected:
    return Rejected(
        413, "content.too_large", f"A document may have at most {RETURN_LIMITS.max_bytes} bytes."
    )
