"""Calls that mend: a case goes on to another authority, a dead letter is corrected by two people.

Each is the one of the console and the command line, and is audited as theirs. What a message says
is opened by POST, since the audit says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from hub.model.identifiers import CaseId
from hub.stages.edits import Approved
from hub.stages.forward import Forward, Forwarded
from hub.store import Connection, Edit, EditState, dead_letter_by_id, edits_of, open_edits
from hub.web.access import Access, Person
from hub.web.api.asked import Asked, Key, Line
from hub.web.api.having import bearer, having
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["mending_calls"]

_MOST_TEXT = 256 * 1024


class AskForward(Asked):
    """The competent authority, and why; the reason is kept, so write nothing personal."""

    authority: Key
    reason: Line


class AskEdit(Asked):
    """The whole content as it should be, and why; the reason is kept."""

    content: Annotated[str, Field(min_length=1, max_length=_MOST_TEXT)]
    reason: Line


class Seen(Asked):
    """The SHA-256 of what was opened: exactly that is let pass."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a dead letter says, as text to be corrected."""

    content: str


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """A proposal and what became of it, without what it changes."""

    id: UUID
    letter: UUID
    sha256: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: EditState
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedEdit:
    """A proposal with what it changes, and with what is wrong with it by now, field by field."""

    edit: ProposedEdit
    difference: str
    problems: list[tuple[str, str]]


def mending_calls(hub: Doors, access: Access, now: Callable[[], datetime]) -> APIRouter:
    """The calls: viewers list proposals, operators forward, approvers open and decide."""
    calls = APIRouter(dependencies=[Depends(bearer)])
    viewer = [Depends(having(access, "viewer"))]
    Operator = Annotated[Person, Depends(having(access, "operator"))]  # noqa: N806 - a type
    Approver = Annotated[Person, Depends(having(access, "approver"))]  # noqa: N806 - a type

    @calls.post("/cases/{case}/forward", status_code=202)
    async def forward(
        case: UUID, asked: Annotated[AskForward, Body(openapi_examples=_FORWARD)], person: Operator
    ) -> Forwarded:
        """Send the submission of a case to another authority, since its own is not competent."""
        work = Forward(hub.store, lambda: hub.routes.table, now)
        return await work.to(CaseId(case), asked.authority, actor=person.actor, reason=asked.reason)

    @calls.get("/edits", dependencies=viewer)
    async def waiting() -> list[ProposedEdit]:
        """The proposals that wait for a second person, the oldest first."""
        return [_edit(each) for each in await hub.store.read(open_edits)]

    @calls.get("/dead-letters/{letter}/edits", dependencies=viewer)
    async def of_letter(letter: UUID) -> list[ProposedEdit]:
        """Every edit of a dead letter, whatever became of it, the newest first."""
        return await hub.store.read(lambda c: _edits(c, letter))

    @calls.post("/dead-letters/{letter}/open")
    async def begin(letter: UUID, person: Approver) -> Opened:
        """Open what a dead letter says, to correct it; the audit says so."""
        return Opened(await hub.edits.begin(letter, actor=person.actor))

    @calls.post("/dead-letters/{letter}/edits", status_code=201)
    async def propose(
        letter: UUID, asked: Annotated[AskEdit, Body(openapi_examples=_EDIT)], person: Approver
    ) -> ProposedEdit:
        """Propose another content; nothing is sent before another person approves it."""
        return _edit(
            await hub.edits.propose(letter, asked.content, actor=person.actor, reason=asked.reason)
        )

    @calls.post("/edits/{edit}/open")
    async def open_one(edit: UUID, person: Approver) -> OpenedEdit:
        """Open what a proposal changes; the audit says so."""
        opened = await hub.edits.open(edit, actor=person.actor)
        return OpenedEdit(_edit(opened.edit), opened.difference, list(opened.problems))

    @calls.post("/edits/{edit}/approve")
    async def approve(edit: UUID, seen: Seen, person: Approver) -> Approved:
        """Let another person's proposal pass as it was opened, and send it on its way."""
        return await hub.edits.approve(edit, seen.sha256, actor=person.actor)

    @calls.post("/edits/{edit}/withdraw", status_code=204)
    async def withdraw(edit: UUID, person: Approver) -> None:
        """Give a proposal up; its dead letter stays open."""
        await hub.edits.withdraw(edit, actor=person.actor)

    return calls


_FORWARD = {
    "not competent": {
        "summary": "The applicant has moved",
        "value": {"authority": "990002", "reason": "Moved before the application was sent."},
    }
}
_EDIT = {
    "a wrong date": {
        "summary": "What was opened, with one value corrected",
        "value": {"content": "{…}", "reason": "The day of arrival was the day of birth."},
    }
}


def _edits(connection: Connection, letter: UUID) -> list[ProposedEdit]:
    if dead_letter_by_id(connection, letter) is None:
        raise Rejected(404, "letter.unknown", "There is no such dead letter.")
    return [_edit(each) for each in edits_of(connection, letter)]


def _edit(edit: Edit) -> ProposedEdit:
    return ProposedEdit(**{name: getattr(edit, name) for name in ProposedEdit.__slots__})
