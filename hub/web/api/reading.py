"""Calls that only read: how things stand, queues, cases and their journeys, the audit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from hub.model.details import Service
from hub.model.identifiers import CaseId
from hub.store import (
    AuditedAct,
    Connection,
    Criteria,
    Event,
    Found,
    Place,
    State,
    acts,
    case_by_id,
    journey,
    last_act,
    messages_of,
    search,
    verify_acts,
)
from hub.web.access import Access
from hub.web.api.having import bearer, having
from hub.web.api.moment import Moment
from hub.web.console.authorities import AuthorityRow, authority_rows, look_at_authorities
from hub.web.console.overview import standing_of
from hub.web.doors import Doors
from hub.web.problems import Rejected
from hub.web.queues import Queues, look_at_queues
from hub.web.standing import Status, status_of

__all__ = ["reading_calls"]


_UNFINISHED = Literal["owed", "handed_over", "dead"]


@dataclass(frozen=True, slots=True)
class Cases:
    """One page; `behind` is where the next one begins: `behind_time` and `behind_case`."""

    cases: tuple[Found, ...]
    behind: Place | None


@dataclass(frozen=True, slots=True)
class JourneyMessage:
    """A message of a case. Its three acknowledgements are told apart."""

    id: UUID
    direction: Literal["down", "up"]
    kind: str
    authority: str
    nachrichten_uuid: UUID
    state: State
    attempts: int
    due_at: datetime | None
    handed_over_at: datetime | None
    accepted_at: datetime | None
    provided_at: datetime | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything that happened to one case, without contents."""

    case: Found
    messages: list[JourneyMessage]
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Verified:
    """The first act that is not as it was written, None if all are; and the last one.

    Number and hash of the last are worth keeping elsewhere: an end that was cut off is noticed by
    them.
    """

    first_broken: int | None
    last: AuditedAct | None


def reading_calls(hub: Doors, access: Access, now: Callable[[], datetime]) -> APIRouter:
    """The calls, for viewers; the audit is for admins."""
    calls = APIRouter(dependencies=[Depends(bearer)])
    viewer = [Depends(having(access, "viewer"))]
    admin = [Depends(having(access, "admin"))]

    @calls.get("/status", dependencies=viewer)
    async def status() -> Status:
        """How things stand."""
        standing = await hub.store.read(lambda c: standing_of(c, hub, access, now()))
        return status_of(standing)

    @calls.get("/authorities", dependencies=viewer)
    async def authorities() -> list[AuthorityRow]:
        """Every authority: what it is owed, how its system does, when its format changes."""
        seen = await hub.store.read(look_at_authorities)
        return authority_rows(hub.routes.table, seen, now().date())

    @calls.get("/queues", dependencies=viewer)
    async def queues() -> Queues:
        """Every queue: how deep it is, who takes from it, and why nobody does."""
        return await look_at_queues(hub, now())

    @calls.get("/cases", dependencies=viewer)
    async def cases(
        id: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002 - an id is called id
        authority: Annotated[str | None, Query(pattern="^[0-9]{6}$")] = None,
        service: Service | None = None,
        state: Annotated[str | None, Query(max_length=50)] = None,
        standing: _UNFINISHED | None = None,
        cause: Annotated[str | None, Query(max_length=100)] = None,
        since: Moment | None = None,
        until: Moment | None = None,
        behind_time: Moment | None = None,
        behind_case: UUID | None = None,
    ) -> Cases:
        """The newest cases that are so, fifty at a time; behind a case if it is named."""
        criteria = Criteria(
            id=id,
            authority=authority,
            service=service,
            state=state,
            standing=State(standing) if standing else None,
            cause=cause,
            since=since,
            until=until,
        )
        behind = Place(behind_time, CaseId(behind_case)) if behind_time and behind_case else None
        page = await hub.store.read(lambda c: search(c, criteria, behind))
        return Cases(page.found, page.behind)

    @calls.get("/cases/{case}", dependencies=viewer)
    async def one_case(case: UUID) -> Journey:
        """The journey of a case."""
        return await hub.store.read(lambda c: _journey(c, CaseId(case)))

    @calls.get("/audit", dependencies=admin)
    async def audited(
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[AuditedAct]:
        """The acts that follow a number, in their order."""
        return await hub.store.read(lambda c: acts(c, after=after, limit=limit))

    @calls.get("/audit/verify", dependencies=admin)
    async def verified() -> Verified:
        """Verify the chain of all acts; a million of them take seconds."""
        return await hub.store.read(lambda c: Verified(verify_acts(c), last_act(c)))

    return calls


def _journey(connection: Connection, id_: CaseId) -> Journey:
    case = case_by_id(connection, id_)
    if case is None:
        raise Rejected(404, "case.unknown", "No case has this id.")
    messages = [
        JourneyMessage(
            id=each.id,
            direction=each.direction,
            kind=each.kind,
            authority=each.authority,
            nachrichten_uuid=each.wire,
            state=each.state,
            attempts=each.attempts,
            due_at=each.due_at,
            handed_over_at=each.handed_over_at,
            accepted_at=each.accepted_at,
            provided_at=each.concluded_at if each.state is State.PROVIDED else None,
            cause=each.cause,
        )
        for each in messages_of(connection, id_)
    ]
    found = Found(
        case.id,
        case.application_id,
        case.service,
        case.authority,
        case.state,
        case.test,
        case.created_at,
    )
    return Journey(found, messages, journey(connection, id_))
