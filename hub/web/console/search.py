"""Search: finds cases by ids and codes; and the journey of one.

Lists and journeys are made of ids, codes and times only. What a message says is opened by those who
may, one at a time, and never without a trace in the audit.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, get_args
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.model.conversation import Phase
from hub.model.details import Service
from hub.model.identifiers import CaseId, MessageUuid
from hub.stages.next_attempts import set_next_attempt
from hub.stages.opening import open_message
from hub.store import (
    Connection,
    Criteria,
    Message,
    Page,
    Place,
    State,
    case_by_id,
    dead_letters_of,
    journey,
    messages_of,
    search,
)
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["search_routes"]

_PHASES: Final = tuple(each.value for each in Phase)
_STANDINGS: Final = (State.OWED, State.HANDED_OVER, State.DEAD)


def search_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The search, and the journey of a case."""

    async def find(request: Request, person: Person) -> Response:
        given = {name: value.strip() for name, value in request.query_params.items() if value}
        criteria = _criteria(given)
        behind = Place.from_text(given["behind"]) if "behind" in given else None
        page = await hub.store.read(lambda c: search(c, criteria, behind))
        values = {
            "page": page,
            "given": given,
            "more": _address_of_next(given, page),
            "services": get_args(Service),
            "phases": _PHASES,
            "standings": _STANDINGS,
            "names": {key: entry.name for key, entry in hub.routes.table.authorities.items()},
        }
        return pages.show("search.html", person=person, values=values)

    async def show_journey(request: Request, person: Person) -> Response:
        case = _uuid(request.path_params["case"])
        values = await hub.store.read(lambda c: _journey(c, CaseId(case)))
        return pages.show("journey.html", person=person, values=values)

    async def open_one(request: Request, person: Person) -> Response:
        message = MessageUuid(_uuid(request.path_params["message"]))
        case, content = await open_message(hub.store, message, actor=person.actor, now=now)
        values = await hub.store.read(lambda c: _journey(c, case))
        opened = {"opened": message, "content": content}
        return pages.show("journey.html", person=person, values=values | opened)

    async def move(request: Request, person: Person) -> Response:
        message = MessageUuid(_uuid(request.path_params["message"]))
        at = _moment(str((await request.form()).get("at", "")))
        moved = await hub.store.run(
            lambda c: set_next_attempt(c, message, at, actor=person.actor, now=now())
        )
        return RedirectResponse(f"/console/cases/{moved.case}", 303)

    return [
        Route(
            "/console/messages/{message}/next-attempt",
            pages.page("operator", move),
            methods=["POST"],
        ),
        Route(
            "/console/messages/{message}/open", pages.page("approver", open_one), methods=["POST"]
        ),
        Route("/console/search", pages.page("viewer", find), methods=["GET"]),
        Route("/console/cases/{case}", pages.page("viewer", show_journey), methods=["GET"]),
    ]


def _criteria(given: Mapping[str, str]) -> Criteria:
    standing = _one_of(given, "standing", tuple(each.value for each in _STANDINGS))
    until = _day(given, "until")
    return Criteria(
        id=given.get("id"),
        authority=given.get("authority"),
        service=_one_of(given, "service", get_args(Service)),
        state=_one_of(given, "state", _PHASES),
        standing=State(standing) if standing else None,
        cause=given.get("cause"),
        since=_day(given, "since"),
        until=until + timedelta(days=1) if until else None,  # the day itself belongs to it
    )


def _one_of(given: Mapping[str, str], name: str, choices: tuple[Any, ...]) -> Any:
    value = given.get(name)
    if value is not None and value not in choices:
        raise Rejected(422, "search.unknown", f"There is no {name} of that name.")
    return value


def _day(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        return datetime.combine(date.fromisoformat(given[name]), time(), UTC)
    except ValueError:
        raise Rejected(422, "search.date", f"Write {name} as 2026-11-01.") from None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Rejected(422, "attempt.moment", "Write a moment as 2026-11-01T14:30.") from None


def _address_of_next(given: Mapping[str, str], page: Page) -> str | None:
    if page.behind is None:
        return None
    return f"/console/search?{urlencode({**given, 'behind': str(page.behind)})}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown() from None


def _unknown() -> Rejected:
    return Rejected(404, "case.unknown", "No case has this id.")


def _journey(connection: Connection, id_: CaseId) -> dict[str, Any]:
    case = case_by_id(connection, id_)
    if case is None:
        raise _unknown()
    messages = messages_of(connection, id_)
    return {
        "case": case,
        "messages": messages,
        "kinds": {message.id: message.kind for message in messages},
        "events": journey(connection, id_),
        "dead": dead_letters_of(connection, id_),
        "opened": None,
        "acknowledged": {message.id: acknowledgements(message) for message in messages},
    }


def acknowledgements(message: Message) -> tuple[tuple[str, datetime | None], ...]:
    """The acknowledgements of a message, never confused: each with its time, None if it lacks."""
    if message.direction == "up":
        return (("provided", message.concluded_at if message.state is State.PROVIDED else None),)
    return (("handed over", message.handed_over_at), ("accepted", message.accepted_at))
