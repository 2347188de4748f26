"""Calls about dead letters and authorities: what waits for a person, and what a person decides.

Each decision is the one of the console and the command line, and is audited as theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from hub.stages.replay import discard_letter
from hub.stages.replays import AskedReplay
from hub.store import (
    Connection,
    DeadGroup,
    Meant,
    Outcome,
    Pause,
    dead_groups,
    dead_letter_by_id,
    end_pause,
    outcome_of,
    pause,
    select_dead,
)
from hub.web.access import Access, Person
from hub.web.api.asked import Asked, Key, Line
from hub.web.api.having import bearer, having
from hub.web.api.moment import Moment
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["deciding_calls"]

_Key = Annotated[str, Path(pattern="^[0-9]{6}$")]


class AskReplay(Asked):
    """Which open dead letters are meant, and until when they were seen: no newcomer is replayed."""

    cause: Annotated[str, Field(min_length=1, max_length=100)]
    authority: Key | None = None
    kind: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    seen_at: Moment


class Reason(Asked):
    """Why; it is kept, so write nothing personal."""

    reason: Line


@dataclass(frozen=True, slots=True)
class Replay:
    """How far a replay is. `results` count its letters by what became of them."""

    id: UUID
    actor: str
    asked_at: datetime
    what: str
    total: int
    done: int
    results: dict[str, int]
    sentences: dict[str, int]
    ended_at: datetime | None
    stopped: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter, without what came in."""

    id: UUID
    outcome: Outcome
    cause: str
    sentence: str
    location: str | None
    stage: str
    at: datetime
    authority: str | None
    kind: str | None
    case: UUID | None
    message: UUID | None
    replays: int
    reason: str | None
    decided_at: datetime | None


def deciding_calls(hub: Doors, access: Access, now: Callable[[], datetime]) -> APIRouter:
    """The calls: viewers look, operators decide."""
    calls = APIRouter(dependencies=[Depends(bearer)])
    viewer = [Depends(having(access, "viewer"))]
    Operator = Annotated[Person, Depends(having(access, "operator"))]  # noqa: N806 - a type

    @calls.get("/dead-letters", dependencies=viewer)
    async def groups(
        cause: Annotated[str | None, Query(max_length=100)] = None,
        authority: Annotated[str | None, Query(pattern="^[0-9]{6}$")] = None,
        kind: Annotated[str | None, Query(max_length=50)] = None,
    ) -> list[DeadGroup]:
        """Open dead letters by cause, the largest group first."""
        return await hub.store.read(lambda c: dead_groups(c, Meant(cause, authority, kind)))

    @calls.get("/dead-letters/{letter}", dependencies=viewer)
    async def one(letter: UUID) -> Letter:
        """One dead letter, and how its last replay ended."""
        return await hub.store.read(lambda c: _letter(c, letter))

    @calls.post("/dead-letters/{letter}/discard", status_code=204)
    async def discard(letter: UUID, why: Reason, person: Operator) -> None:
        """Discard a dead letter; what waits behind its message goes on."""
        at = now()
        await hub.store.run(
            lambda c: discard_letter(c, letter, why.reason, actor=person.actor, now=at)
        )

    @calls.post("/replays", status_code=202)
    async def replay(asked: AskReplay, person: Operator) -> Replay:
        """Replay what was seen, at a pace; ask how far it is at /replays/{id}."""
        meant = Meant(asked.cause, asked.authority, asked.kind)
        selection = await hub.store.read(lambda c: select_dead(c, meant))
        frozen = [seen for seen in selection if seen.at <= asked.seen_at]
        what = f"cause {asked.cause}"
        return _replay(hub.replays.begin(frozen, actor=person.actor, what=what, vouched=False))

    @calls.get("/replays", dependencies=viewer)
    async def replays() -> list[Replay]:
        """Those that run and the last that ended, the newest first."""
        return [_replay(each) for each in hub.replays.all()]

    @calls.get("/replays/{replay}", dependencies=viewer)
    async def progress(replay: UUID) -> Replay:
        """How far a replay is."""
        return _replay(hub.replays.one(replay))

    @calls.post("/replays/{replay}/stop", status_code=202)
    async def stop(replay: UUID, person: Operator) -> Replay:  # noqa: ARG001 - whoever may
        """Stop a replay between two letters."""
        asked = hub.replays.one(replay)
        asked.stop.set()
        return _replay(asked)

    @calls.post("/authorities/{key}/pause", status_code=204)
    async def hold(key: _Key, why: Reason, person: Operator) -> None:
        """Let nothing go down to an authority until it is resumed."""
        if key not in hub.routes.table.authorities:
            raise Rejected(404, "authority.unknown", "No authority in routing.yaml has this key.")
        new = Pause(key, now(), person.actor, why.reason)
        await hub.store.run(lambda c: pause(c, new))

    @calls.post("/authorities/{key}/resume", status_code=204)
    async def let_go(key: _Key, person: Operator) -> None:
        """Let the messages of a paused authority go again."""
        at = now()
        await hub.store.run(lambda c: end_pause(c, key, person.actor, at))

    return calls


def _letter(connection: Connection, id_: UUID) -> Letter:
    letter = dead_letter_by_id(connection, id_)
    if letter is None:
        raise Rejected(404, "letter.unknown", "There is no such dead letter.")
    own: dict[str, Any] = {"outcome": outcome_of(connection, letter)}
    return Letter(
        **{name: own[name] if name in own else getattr(letter, name) for name in Letter.__slots__}
    )


def _replay(asked: AskedReplay) -> Replay:
    return Replay(
        id=asked.id,
        actor=asked.actor,
        asked_at=asked.asked_at,
        what=asked.what,
        total=asked.total,
        done=asked.done,
        results=dict(asked.results),
        sentences=dict(asked.sentences),
        ended_at=asked.ended_at,
        stopped=asked.stopped,
    )
