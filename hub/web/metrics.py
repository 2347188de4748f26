"""GET /metrics: what Prometheus scrapes, for those with a viewer's token."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.metrics import CONTENT_TYPE, Standing
from hub.store import Connection, open_dead_letters, parkings, unfinished
from hub.web.access import Access
from hub.web.doors import Doors
from hub.web.problems import door

__all__ = ["metrics_door"]


def metrics_door(hub: Doors, access: Access) -> Route:
    """The door for Prometheus."""

    async def tell(request: Request) -> Response:
        access.person(request, "viewer")
        standing = await hub.store.read(lambda c: _standing(c, broker=hub.broker.ready))
        return Response(hub.metrics.text(standing), media_type=CONTENT_TYPE)

    return Route("/metrics", door(tell), methods=["GET"])


def _standing(connection: Connection, *, broker: bool) -> Standing:
    return Standing(
        datetime.now(UTC),
        unfinished(connection),
        open_dead_letters(connection),
        parkings(connection),
        broker=broker,
    )
