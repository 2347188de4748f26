"""What is looked up rather than watched: queues, routes, the ledger, the audit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.rehearsal.apart import Refused
from hub.store import AuditedAct, Connection, acts, last_act, verify_acts
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.queues import look_at_queues

__all__ = ["records_routes"]

_ACTS: Final = 100
"""Acts of one page."""

_DAYS: Final = 92
"""Days of the ledger that are listed; an older one is shown if it is named."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A routing table that somebody pasted, and what came of reading it."""

    text: str
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def records_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The pages."""

    async def queues(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        seen = await look_at_queues(hub, now())
        return pages.show("queues.html", person=person, values={"seen": seen})

    async def routes(request: Request, person: Person) -> Response:
        candidate = None
        if request.method == "POST":
            candidate = await _compared(hub, str((await request.form()).get("candidate", "")))
        values = {
            "table": hub.routes.table,
            "error": hub.routes.error,
            "candidate": candidate,
            "rehearsals": hub.rehearsals.all(),
            "today": now().date(),
        }
        return pages.show("routes.html", person=person, values=values)

    async def show_ledger(request: Request, person: Person) -> Response:
        drawn, day = hub.drawn_up, _day(request.query_params.get("day", ""))
        days = drawn.days if drawn is not None else {}
        shown = {
            "chosen": days.get(day) if day is not None else None,
            "day": day,
            "days": list(islice(days.items(), _DAYS)),
            "older": max(0, len(days) - _DAYS),
        }
        return pages.show("ledger.html", person=person, values={"drawn": drawn} | shown)

    async def audit(request: Request, person: Person) -> Response:
        up_to = request.query_params.get("up_to", "")
        shown = await hub.store.read(lambda c: _page_of_acts(c, up_to))
        broken = None
        verified = "verify" in request.query_params
        if verified:
            broken = await hub.store.read(verify_acts)
        values = {"acts": shown, "verified": verified, "broken": broken}
        return pages.show("audit.html", person=person, values=values)

    return [
        Route("/console/queues", pages.page("viewer", queues), methods=["GET"]),
        Route("/console/routes", pages.page("viewer", routes), methods=["GET"]),
        Route("/console/routes", pages.page("operator", routes), methods=["POST"]),
        Route("/console/ledger", pages.page("viewer", show_ledger), methods=["GET"]),
        Route("/console/audit", pages.page("admin", audit), methods=["GET"]),
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _compared(hub: Doors, text: str) -> _Candidate:
    found = await hub.rehearsals.compare(hub.routes.table, text)
    if isinstance(found, Refused):
        return _Candidate(text, problems=found.problems)
    return _Candidate(text, changes=found.changes)


def _page_of_acts(connection: Connection, up_to: str) -> list[AuditedAct]:
    """Up to a hundred acts, the newest first."""
    last = last_act(connection)
    end = int(up_to) if up_to.isdecimal() and len(up_to) < 19 else last.number if last else 0
    shown = acts(connection, after=max(0, end - _ACTS), limit=_ACTS)
    return [each for each in reversed(shown) if each.number <= end]
