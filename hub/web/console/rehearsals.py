"""Rehearsals on the page of the routes: what a cut-over or a candidate would break or lose.

Operators begin and stop one, as they compare: nothing is sent and nothing put in force, but it
keeps a processor at work. Everybody who may look sees what was found.
"""

from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["rehearsals_routes"]


def rehearsals_routes(hub: Doors, pages: Pages) -> list[BaseRoute]:
    """What begins one, shows it, and ends it."""

    async def begin(request: Request, person: Person) -> Response:
        form = await request.form()
        candidate = str(form["candidate"]) if "candidate" in form else None
        if candidate is not None and not candidate.strip():
            raise Rejected(422, "candidate.missing", "Paste the candidate routing.yaml first.")
        asked = await hub.rehearsals.begin(
            hub.routes.table,
            candidate=candidate,
            on=_day(str(form.get("on", ""))),
            actor=person.actor,
        )
        return RedirectResponse(f"/console/rehearsals/{asked.id}", 303)

    async def show(request: Request, person: Person) -> Response:
        rehearsal = hub.rehearsals.one(_id(request))
        return pages.show("rehearsal.html", person=person, values={"rehearsal": rehearsal})

    async def stop(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        rehearsal = hub.rehearsals.one(_id(request))
        rehearsal.stop()
        return RedirectResponse(f"/console/rehearsals/{rehearsal.id}", 303)

    one = "/console/rehearsals/{id}"
    return [
        Route("/console/rehearsals", pages.page("operator", begin), methods=["POST"]),
        Route(one, pages.page("viewer", show), methods=["GET"]),
        Route(f"{one}/stop", pages.page("operator", stop), methods=["POST"]),
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Rejected(422, "day.unreadable", "Write the day as 2027-05-01.") from None


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise Rejected(404, "rehearsal.unknown", "There is no such rehearsal.") from None
