"""Calls that rehearse: what a cut-over, a day or another routing table would change.

Operators begin and stop, as on the page: it changes nothing, but it keeps a processor at work.
Everybody who may look sees what was found; it is made of codes and places, never of a message.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from hub.rehearsal import Report
from hub.stages.rehearsals import AskedRehearsal
from hub.web.access import Access, Person
from hub.web.api.asked import Asked
from hub.web.api.having import bearer, having
from hub.web.api.moment import Day
from hub.web.doors import Doors

__all__ = ["rehearsing_calls"]

_MOST_TEXT: Final = 1024 * 1024


class AskRehearsal(Asked):
    """A routing.yaml to come, or the one in force; on a day, or else as `hub rehearse` chooses."""

    candidate: Annotated[str, Field(min_length=1, max_length=_MOST_TEXT)] | None = None
    on: Day | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How far a rehearsal is, and once it has ended what it found.

    `changes` are those of a candidate against the table in force; `problems` say why a candidate
    is no table, `failure` why there is no report.
    """

    id: UUID
    actor: str
    asked_at: datetime
    what: str
    done: int
    steps: int
    report: Report | None
    changes: tuple[str, ...]
    problems: tuple[str, ...]
    failure: str | None
    ended_at: datetime | None
    stopped: bool


def rehearsing_calls(hub: Doors, access: Access) -> APIRouter:
    """The calls: viewers look, operators begin and stop."""
    calls = APIRouter(dependencies=[Depends(bearer)])
    viewer = [Depends(having(access, "viewer"))]
    Operator = Annotated[Person, Depends(having(access, "operator"))]  # noqa: N806 - a type

    @calls.post("/rehearsals", status_code=202)
    async def begin(
        asked: Annotated[AskRehearsal, Body(openapi_examples=_EXAMPLES)], person: Operator
    ) -> Rehearsal:
        """Begin to translate made-up messages by two tables or days; one rehearsal at a time."""
        begun = await hub.rehearsals.begin(
            hub.routes.table, candidate=asked.candidate, on=asked.on, actor=person.actor
        )
        return _rehearsal(begun)

    @calls.get("/rehearsals", dependencies=viewer)
    async def rehearsals() -> list[Rehearsal]:
        """The one under way and the last that ended, the newest first."""
        return [_rehearsal(each) for each in hub.rehearsals.all()]

    @calls.get("/rehearsals/{rehearsal}", dependencies=viewer)
    async def one(rehearsal: UUID) -> Rehearsal:
        """How far a rehearsal is, and what it found."""
        return _rehearsal(hub.rehearsals.one(rehearsal))

    @calls.post("/rehearsals/{rehearsal}/stop", status_code=202)
    async def stop(rehearsal: UUID, person: Operator) -> Rehearsal:  # noqa: ARG001 - whoever may
        """End a rehearsal; what it found so far is forgotten."""
        asked = hub.rehearsals.one(rehearsal)
        asked.stop()
        return _rehearsal(asked)

    return calls


_EXAMPLES = {
    "the next cut-over": {"summary": "Of each authority, by the table in force", "value": {}},
    "a day": {"summary": "By the table in force", "value": {"on": "2027-05-01"}},
}


def _rehearsal(asked: AskedRehearsal) -> Rehearsal:
    return Rehearsal(**{name: getattr(asked, name) for name in Rehearsal.__slots__})
