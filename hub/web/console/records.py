"""What is looked up rather than watched: queues, routes, the ledger, the audit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.adapter import adapters
from hub.broker import topology
from hub.routing import RoutingError, RoutingTable
from hub.store import AuditedAct, Balance, Connection, acts, last_act, verify_acts
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["records_routes"]

_ACTS: Final = 100
"""Acts of one page."""

_DAYS: Final = 92
"""Days of the ledger that are listed; an older one is shown if it is named."""

_MOST_TEXT: Final = 1024 * 1024
"""Bytes of a candidate routing table: a thousand authorities have a fifth of it."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A routing table that somebody pasted, and what came of reading it."""

    text: str
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def records_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The pages."""

    async def queues(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        planned = topology(hub.routes.table.authorities, hub.providers)
        try:
            states = await hub.broker.queue_flows([queue.name for queue in planned.queues])
        except (ConnectionError, TimeoutError):
            raise Rejected(503, "broker.away", "The broker cannot be reached.") from None
        rows = sorted(states.items(), key=lambda item: (-item[1].messages, item[0]))
        over = next((state.flow.over for _, state in rows if state.flow is not None), None)
        return pages.show("queues.html", person=person, values={"rows": rows, "over": over})

    async def routes(request: Request, person: Person) -> Response:
        candidate = None
        if request.method == "POST":
            form = await request.form(max_files=0, max_fields=5, max_part_size=_MOST_TEXT)
            candidate = _read(str(form.get("candidate", "")), hub.routes.table)
        table = hub.routes.table
        values = {"table": table, "error": hub.routes.error, "candidate": candidate}
        return pages.show("routes.html", person=person, values=values | {"today": now().date()})

    async def show_ledger(request: Request, person: Person) -> Response:
        drawn, day = hub.drawn_up, _day(request.query_params.get("day", ""))
        days = list(drawn.days.items()) if drawn is not None else []
        shown = {
            "balances": dict(days).get(day, []) if day is not None else None,
            "day": day,
            "days": [_sums(each, balances) for each, balances in days[:_DAYS]],
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


def _sums(day: date, balances: Sequence[Balance]) -> dict[str, Any]:
    """One day in one line, over all authorities and both directions."""
    names = ("came_in", "accepted", "owed", "dead", "discarded")
    sums = {name: sum(getattr(each, name) for each in balances) for name in names}
    # What is missing at one authority is not made good by what is too much at another.
    return {"day": day, **sums, "difference": sum(abs(each.difference) for each in balances)}


def _read(text: str, in_force: RoutingTable) -> _Candidate:
    try:
        table = RoutingTable.parse(text, adapters(), name="candidate")
    except RoutingError as error:
        return _Candidate(text, problems=tuple(str(error).splitlines()))
    return _Candidate(text, changes=tuple(in_force.diff(table)))


def _page_of_acts(connection: Connection, up_to: str) -> list[AuditedAct]:
    """Up to a hundred acts, the newest first."""
    last = last_act(connection)
    end = int(up_to) if up_to.isdecimal() and len(up_to) < 19 else last.number if last else 0
    shown = acts(connection, after=max(0, end - _ACTS), limit=_ACTS)
    return [each for each in reversed(shown) if each.number <= end]
