"""The overview: one page that says whether all is well, and if not, where to look.

Numbers are fresh for as long as the page is open: `/console/live` sends the part that changes
again whenever it did (server-sent events); without JavaScript, reloading does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from hub.model.failure import HubFailure
from hub.store import Connection, State, beats
from hub.web.access import Access, Person
from hub.web.console.page import Pages
from hub.web.console.pictures import Series, bars, in_words
from hub.web.doors import Doors
from hub.web.standing import Standing, concerns, look

__all__ = ["overview_routes", "standing_of"]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A stretch of time to draw, in steps."""

    name: str
    length: timedelta
    step: timedelta


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture, and the same in words."""

    title: str
    words: str
    svg: str


_PICTURES: Final = (
    _Picture("hour", timedelta(hours=1), timedelta(minutes=1)),
    _Picture("day", timedelta(days=1), timedelta(minutes=20)),
    _Picture("week", timedelta(days=7), timedelta(hours=2)),
)
_LOOK_EVERY: Final = 2.0
_DRAWN_EVERY: Final = timedelta(seconds=20)
_LISTENED_FOR: Final = timedelta(hours=1)
"""After that the browser asks anew, and so does whoever's session has ended meanwhile."""


def overview_routes(
    hub: Doors, access: Access, pages: Pages, now: Callable[[], datetime]
) -> list[BaseRoute]:
    """The overview and its live part."""

    async def overview(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        values = await _values(hub, access, now()) | {"pictures": await _pictures(hub, now())}
        return pages.show("overview.html", person=person, values=values)

    async def live(request: Request, person: Person) -> Response:
        stream = _stream(hub, access, pages, person, request, now)
        return StreamingResponse(stream, media_type="text/event-stream")

    return [
        Route("/console", pages.page("viewer", overview), methods=["GET"]),
        Route("/console/live", pages.page("viewer", live), methods=["GET"]),
    ]


async def _stream(
    hub: Doors,
    access: Access,
    pages: Pages,
    person: Person,
    request: Request,
    now: Callable[[], datetime],
) -> AsyncIterator[str]:
    until, before, drawn_at = now() + _LISTENED_FOR, "", now()
    while now() < until and not await request.is_disconnected():
        try:
            html = pages.text("standing.html", person, await _values(hub, access, now()))
        except HubFailure as failure:
            html = f'<p class="notice bad">{failure.sentence}</p>'
        if html != before:
            yield _event("standing", html)
            before = html
        else:
            yield ": nothing new\n\n"
        if now() - drawn_at >= _DRAWN_EVERY:
            drawn_at = now()
            with suppress(HubFailure):  # the standing has said it
                pictures = {"pictures": await _pictures(hub, drawn_at)}
                yield _event("pictures", pages.text("pictures.html", person, pictures))
        await asyncio.sleep(_LOOK_EVERY)


async def _values(hub: Doors, access: Access, at: datetime) -> dict[str, Any]:
    standing = await hub.store.read(lambda c: standing_of(c, hub, access, at))
    return {
        "standing": standing,
        "concerns": concerns(standing),
        "owed": standing.count(State.OWED),
        "oldest": standing.oldest(State.OWED),
        "awaited": standing.count(State.HANDED_OVER),
        "dead": sum(standing.dead.values()),
        "at": at,
    }


def standing_of(connection: Connection, hub: Doors, access: Access, at: datetime) -> Standing:
    """How things stand at that time, with what this process knows of itself."""
    drawn = hub.drawn_up
    broken = {"routing": hub.routes.error is not None, "access": access.error is not None}
    return look(
        connection,
        at,
        broker=hub.broker.ready,
        balanced=drawn.ledger.balanced if drawn else None,
        nowhere=len(drawn.placed.nowhere) if drawn and drawn.placed else None,
        ledger_at=drawn.at if drawn else None,
        broken_files=[name for name, is_broken in broken.items() if is_broken],
        unattended=hub.unattended,
        scanner=hub.scanner,
    )


async def _pictures(hub: Doors, now: datetime) -> list[_Drawn]:
    def drawn(connection: Connection) -> list[_Drawn]:
        return [each for picture in _PICTURES for each in _picture(connection, picture, now)]

    return await hub.store.read(drawn)


def _picture(connection: Connection, picture: _Picture, now: datetime) -> Iterator[_Drawn]:
    """One picture of what went down, and one of what came up."""
    until = now + timedelta(minutes=1)
    counted = beats(connection, until - picture.length, until, picture.step)
    none = [0] * -(-picture.length // picture.step)

    def drawn(title: str, *series: tuple[str, str, str]) -> _Drawn:
        found = [Series(n, style, counted.get(e, none)) for e, n, style in series]
        return _Drawn(title, in_words(found), bars(title, found))

    yield drawn(
        f"Last {picture.name}, to authorities",
        ("accepted", "accepted", "good"),
        ("postponed", "attempts postponed", "warn"),
        ("dead", "dead letters", "bad"),
    )
    yield drawn(f"Last {picture.name}, to applicants", ("provided", "letters provided", "good"))


def _event(name: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{lines}\n"
