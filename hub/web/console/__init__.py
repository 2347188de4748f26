"""The console: where operators see everything, and mend what went wrong.

Pages are made on the server and work without JavaScript; a little of it keeps numbers fresh.
Nobody sees anything without signing in, and everybody only what their role allows.
"""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.web.access import Access, Sessions
from hub.web.console.authorities import authorities_routes
from hub.web.console.dead import dead_routes
from hub.web.console.edits import edits_routes
from hub.web.console.mailboxes import mailboxes_routes
from hub.web.console.overview import overview_routes
from hub.web.console.page import Pages, asset
from hub.web.console.records import records_routes
from hub.web.console.rehearsals import rehearsals_routes
from hub.web.console.search import search_routes
from hub.web.console.sign_in import sign_in_routes
from hub.web.doors import Doors

__all__ = ["console_routes"]

_TYPES = {"css": "text/css", "js": "text/javascript"}


def console_routes(
    hub: Doors, access: Access, sessions: Sessions, now: Callable[[], datetime]
) -> list[BaseRoute]:
    """Every page of the console, and those of the sign-in."""
    pages = Pages(sessions, now)
    return [
        Route("/", _home, methods=["GET"]),
        Route("/console/", _home, methods=["GET"]),
        *overview_routes(hub, access, pages, now),
        *authorities_routes(hub, pages, now),
        *mailboxes_routes(hub, pages, now),
        *dead_routes(hub, pages, now),
        *edits_routes(hub, pages),
        *search_routes(hub, pages, now),
        *records_routes(hub, pages, now),
        *rehearsals_routes(hub, pages),
        Route("/console/static/{digest}/{name}", _static, methods=["GET"]),
        *sign_in_routes(hub.store, access, sessions, pages, hub.settings.public_url, now),
    ]


async def _home(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
    return RedirectResponse("/console", 303)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    folder = files("hub.web.console").joinpath("static")
    if name not in {each.name for each in folder.iterdir()} or asset(name) != request.url.path:
        return Response(status_code=404)
    return Response(
        folder.joinpath(name).read_bytes(),
        media_type=_TYPES[name.rpartition(".")[2]],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
