"""Edits of dead letters: what was typed is checked, shown as a difference, and passed by another.

Whoever may open contents may edit and approve; a proposal is opened with a trace in the audit,
as any content. The page that shows a difference carries its hash into the approval.
"""

from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.stages.editing import EditRefused, same_person
from hub.stages.edits import Proposal
from hub.store import Connection, Edit, dead_letter_by_id, edit_by_id
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["edits_routes"]

_MOST_TEXT: Final = 256 * 1024
"""Bytes of a text in a form; percent-encoded they stay below what Starlette takes in a field."""


def edits_routes(hub: Doors, pages: Pages) -> list[BaseRoute]:
    """The form, the proposal, and what is decided about it."""
    desk = _Desk(hub, pages)
    return [
        Route("/console/dead/{id}/edit", pages.page("approver", desk.begin), methods=["POST"]),
        Route("/console/dead/{id}/edits", pages.page("approver", desk.propose), methods=["POST"]),
        Route("/console/edits/{id}", pages.page("viewer", desk.proposal), methods=["GET"]),
        Route("/console/edits/{id}/open", pages.page("approver", desk.open), methods=["POST"]),
        Route(
            "/console/edits/{id}/approve", pages.page("approver", desk.approve), methods=["POST"]
        ),
        Route(
            "/console/edits/{id}/withdraw", pages.page("approver", desk.withdraw), methods=["POST"]
        ),
    ]


class _Desk:
    def __init__(self, hub: Doors, pages: Pages) -> None:
        self._hub = hub
        self._pages = pages

    async def begin(self, request: Request, person: Person) -> Response:
        """The content in a form; the audit says that it was opened."""
        id_ = _id(request)
        text = await self._hub.edits.begin(id_, actor=person.actor)
        if len(text.encode()) > _MOST_TEXT:
            raise Rejected(
                413, "edit.too_large", f"This is too large for a form; use hub dead edit {id_}."
            )
        return await self._form(id_, person, text)

    async def propose(self, request: Request, person: Person) -> Response:
        """Propose what was typed, or say what is wrong beside it."""
        id_, form = _id(request), await request.form()
        text, reason = str(form.get("content", "")), str(form.get("reason", ""))
        try:
            edit = await self._hub.edits.propose(id_, text, actor=person.actor, reason=reason)
        except EditRefused as refused:
            return await self._form(id_, person, text, reason, refused)
        return RedirectResponse(f"/console/edits/{edit.id}", 303)

    async def proposal(self, request: Request, person: Person) -> Response:
        """Who proposed what for which letter, and why; not what it says."""
        id_ = _id(request)
        edit = await self._hub.store.read(lambda c: _edit(c, id_))
        return self._shown(edit, person)

    async def open(self, request: Request, person: Person) -> Response:
        """The same with what it changes; the audit says so."""
        opened = await self._hub.edits.open(_id(request), actor=person.actor)
        return self._shown(opened.edit, person, opened)

    async def approve(self, request: Request, person: Person) -> Response:
        """Let it pass as it was shown."""
        sha256 = str((await request.form()).get("sha256", ""))
        approved = await self._hub.edits.approve(_id(request), sha256, actor=person.actor)
        return RedirectResponse(f"/console/dead/{approved.letter}", 303)

    async def withdraw(self, request: Request, person: Person) -> Response:
        """Give it up."""
        id_ = _id(request)
        await self._hub.edits.withdraw(id_, actor=person.actor)
        return RedirectResponse(f"/console/edits/{id_}", 303)

    async def _form(
        self,
        id_: UUID,
        person: Person,
        text: str,
        reason: str = "",
        refused: EditRefused | None = None,
    ) -> Response:
        letter = await self._hub.store.read(lambda c: dead_letter_by_id(c, id_))
        if letter is None:
            raise Rejected(404, "letter.unknown", "There is no such dead letter.")
        values: dict[str, Any] = {
            "letter": letter,
            "text": text,
            "reason": reason,
            "problems": refused.problems if refused is not None else (),
        }
        status = 200 if refused is None else 422
        return self._pages.show("edit.html", person=person, values=values, status=status)

    def _shown(self, edit: Edit, person: Person, opened: Proposal | None = None) -> Response:
        own = same_person(edit.proposed_by, person.actor)
        values = {"edit": edit, "opened": opened, "own": own}
        return self._pages.show("proposal.html", person=person, values=values)


def _edit(connection: Connection, id_: UUID) -> Edit:
    edit = edit_by_id(connection, id_)
    if edit is None:
        raise _unknown()
    return edit


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise _unknown() from None


def _unknown() -> Rejected:
    return Rejected(404, "edit.unknown", "There is no such edit.")
