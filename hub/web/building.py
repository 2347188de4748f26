"""An ASGI application with all doors of a running hub; `hub.web.server` serves it."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from hub.web.access import Access, Sessions
from hub.web.api import api
from hub.web.applicant import applicant_routes
from hub.web.console import console_routes
from hub.web.documents import document_door
from hub.web.doors import Doors
from hub.web.headers import SafeHeaders
from hub.web.health import health_doors
from hub.web.metrics import metrics_door
from hub.web.problems import unknown_door
from hub.web.returns import return_door
from hub.web.submissions import submission_doors

__all__ = ["build"]


def build(hub: Doors) -> Starlette:
    """The application with all doors of a hub.

    Raises:
        AccessError: the file of tokens is wrong.
    """
    access = Access(hub.settings.access)
    secure = hub.settings.public_url.startswith("https://")
    sessions = Sessions(hub.store.sealer, access, secure=secure)
    application = Starlette(
        routes=[
            Mount("/api/v1", api(hub, access, hub.clock.now)),
            *console_routes(hub, access, sessions, hub.clock.now),
            *applicant_routes(hub, hub.clock.now),
            return_door(hub, access),
            document_door(hub, access),
            *submission_doors(hub, access, hub.clock.now),
            metrics_door(hub, access),
            *health_doors(hub),
        ],
        exception_handlers={HTTPException: unknown_door},
        middleware=[Middleware(SafeHeaders)],
    )
    # It would name scheme and host, and behind a proxy that ends TLS lead back by http.
    application.router.redirect_slashes = False
    return application
