"""GET /health/live and /health/ready: the truth, for those who restart and those who route.

Live means that the loop turns. Ready means that broker and store answer, and that no stage has
found the store not to be written. Told as degraded: a routing file that is broken on disk, since
the old table is in force and everything goes on; a virus scanner that is away, since what comes in
is taken and waits; a queue that no hub consumes, since this one works and another is missing.
"""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.model.failure import HubFailure
from hub.store import parkings
from hub.web.doors import Doors
from hub.web.problems import door

__all__ = ["health_doors"]

_SECONDS_FOR_THE_STORE: Final = 2


def health_doors(hub: Doors) -> list[Route]:
    """The doors that need no token and tell nothing but state."""

    async def live(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        broker, routing, scanner = hub.broker.ready, not hub.routes.error, hub.scanner
        attended = not hub.unattended
        store = not hub.store_away and await _store_answers(hub)
        whole = routing and attended and scanner is not False
        state = ("ready" if whole else "degraded") if broker and store else "not ready"
        told = {
            "state": state,
            "broker": broker,
            "store": store,
            "routing": routing,
            "attended": attended,
        }
        return JSONResponse(
            told if scanner is None else told | {"scanner": scanner},
            200 if broker and store else 503,
        )

    return [
        Route("/health/live", door(live), methods=["GET"]),
        Route("/health/ready", door(ready), methods=["GET"]),
    ]


async def _store_answers(hub: Doors) -> bool:
    try:
        async with asyncio.timeout(_SECONDS_FOR_THE_STORE):
            await hub.store.read(parkings)
    except (HubFailure, TimeoutError):
        return False
    return True
