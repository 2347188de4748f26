"""Calls about next attempts: a person does not wait for them, or wants them later.

Each is the one of the console and the command line, and is audited as theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from hub.model.identifiers import MessageUuid
from hub.stages.next_attempts import NextAttempt, probe_place, set_next_attempt, try_all_now
from hub.web.access import Access, Person
from hub.web.api.asked import Asked
from hub.web.api.having import bearer, having
from hub.web.api.moment import Moment
from hub.web.doors import Doors

__all__ = ["retrying_calls"]

_Place = Annotated[str, Path(pattern="^([0-9]{6}|[a-z]{1,30})$")]
"""An authority's key, or the name of a mailbox provider."""


class AskAttempt(Asked):
    """When the message is to be tried; now, if it is not said."""

    at: Annotated[Moment | None, Field(description="Not before this moment.")] = None


@dataclass(frozen=True, slots=True)
class TriedNow:
    """How many messages are tried now that were postponed."""

    messages: int


def retrying_calls(hub: Doors, access: Access, now: Callable[[], datetime]) -> APIRouter:
    """The calls, all of them for operators."""
    calls = APIRouter(dependencies=[Depends(bearer)])
    Operator = Annotated[Person, Depends(having(access, "operator"))]  # noqa: N806 - a type

    @calls.post("/messages/{message}/next-attempt")
    async def move(message: UUID, asked: AskAttempt, person: Operator) -> NextAttempt:
        """Try a postponed message now, or at another time."""
        return await hub.store.run(
            lambda c: set_next_attempt(
                c, MessageUuid(message), asked.at, actor=person.actor, now=now()
            )
        )

    @calls.post("/places/{place}/try-now")
    async def try_now(place: _Place, person: Operator) -> TriedNow:
        """Try everything now that was postponed on its way to an authority or a provider."""
        return TriedNow(
            await hub.store.run(lambda c: try_all_now(c, place, actor=person.actor, now=now()))
        )

    @calls.post("/places/{place}/probe", status_code=204)
    async def probe(place: _Place, person: Operator) -> None:
        """Let one message through to a parked authority or provider now."""
        await hub.store.run(lambda c: probe_place(c, place, actor=person.actor, now=now()))

    return calls
