"""Dead letters: grouped by cause, explained, replayed with progress, discarded with a reason.

Contents are opened by those who may only, one at a time, and never without a trace in the audit.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.model.failure import PermanentFailure
from hub.stages.editing import shape_of
from hub.stages.opening import open_dead
from hub.stages.replay import discard_letter
from hub.store import (
    Connection,
    DeadLetter,
    Meant,
    Message,
    Seen,
    dead_groups,
    dead_letter_by_id,
    edits_of,
    message_by_id,
    open_edits,
    outcome_of,
    page_of_dead,
    select_dead,
)
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["dead_routes"]

_CRITERIA = ("cause", "authority", "kind")


def dead_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The groups, the letters of one, a letter, and what is decided about them."""
    desk = _Desk(hub, pages, now)
    return [
        Route("/console/dead", pages.page("viewer", desk.groups), methods=["GET"]),
        Route("/console/dead/letters", pages.page("viewer", desk.letters), methods=["GET"]),
        Route("/console/dead/replay", pages.page("operator", desk.replay), methods=["POST"]),
        Route("/console/replays/{id}", pages.page("viewer", desk.progress), methods=["GET"]),
        Route("/console/replays/{id}/stop", pages.page("operator", desk.stop), methods=["POST"]),
        Route("/console/dead/{id}", pages.page("viewer", desk.letter), methods=["GET"]),
        Route("/console/dead/{id}/open", pages.page("approver", desk.open), methods=["POST"]),
        Route(
            "/console/dead/{id}/replay", pages.page("operator", desk.replay_one), methods=["POST"]
        ),
        Route("/console/dead/{id}/discard", pages.page("operator", desk.discard), methods=["POST"]),
    ]


class _Desk:
    def __init__(self, hub: Doors, pages: Pages, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._pages = pages
        self._now = now

    async def groups(self, request: Request, person: Person) -> Response:
        """Every open dead letter, by cause."""
        given = _given(request.query_params)
        groups, edits = await self._hub.store.read(
            lambda c: (dead_groups(c, Meant(**given)), open_edits(c))
        )
        replays = self._hub.replays.all()
        values = {"groups": groups, "given": given, "replays": replays, "edits": edits}
        return self._pages.show("dead.html", person=person, values=values)

    async def letters(self, request: Request, person: Person) -> Response:
        """The open letters of a group, the newest first."""
        given = _given(request.query_params)
        behind = _seen(request.query_params.get("behind", ""))
        (found, more), edits = await self._hub.store.read(
            lambda c: (page_of_dead(c, Meant(**given), behind), open_edits(c))
        )
        proposed = {each.letter: each.id for each in edits}
        values = {"letters": found, "given": given, "more": more, "proposed": proposed}
        return self._pages.show("dead_letters.html", person=person, values=values)

    async def letter(self, request: Request, person: Person) -> Response:
        """One letter, without what came in."""
        return await self._shown(_id(request), person)

    async def open(self, request: Request, person: Person) -> Response:
        """The same with what came in; the audit says so."""
        id_ = _id(request)
        content = await open_dead(self._hub.store, id_, actor=person.actor, now=self._now)
        return await self._shown(id_, person, content=content)

    async def replay(self, request: Request, person: Person) -> Response:
        """Replay what the page had shown: all that are meant and were dead by then."""
        form = await request.form()
        given = _given({key: str(value) for key, value in form.items()})
        seen_at = _moment(str(form.get("seen_at", "")))
        selection = await self._hub.store.read(lambda c: select_dead(c, Meant(**given)))
        frozen = [seen for seen in selection if seen.at <= seen_at]
        what = ", ".join(f"{key} {value}" for key, value in given.items()) or "all"
        return self._begin(frozen, person, what, vouched=False)

    async def replay_one(self, request: Request, person: Person) -> Response:
        """Replay one letter that the person has looked at, and vouches for."""
        id_ = _id(request)
        letter = await self._hub.store.read(lambda c: dead_letter_by_id(c, id_))
        if letter is None:
            raise _unknown()
        return self._begin([Seen(id_, letter.at)], person, f"letter {id_}", vouched=True)

    async def progress(self, request: Request, person: Person) -> Response:
        """How far a replay is."""
        replay = self._hub.replays.one(_id(request))
        return self._pages.show("replay.html", person=person, values={"replay": replay})

    async def stop(self, request: Request, person: Person) -> Response:  # noqa: ARG002 - the signature of a page
        """Stop a replay between two letters."""
        replay = self._hub.replays.one(_id(request))
        replay.stop.set()
        return RedirectResponse(f"/console/replays/{replay.id}", 303)

    async def discard(self, request: Request, person: Person) -> Response:
        """Discard one letter, with a reason."""
        id_, reason = _id(request), str((await request.form()).get("reason", "")).strip()
        if not reason:
            raise Rejected(422, "reason.missing", "Say why it is not needed; the reason is kept.")
        now = self._now()
        await self._hub.store.run(
            lambda c: discard_letter(c, id_, reason[:500], actor=person.actor, now=now)
        )
        return RedirectResponse(f"/console/dead/{id_}", 303)

    async def _shown(self, id_: UUID, person: Person, content: str | None = None) -> Response:
        values = await self._hub.store.read(lambda c: _letter(c, id_))
        return self._pages.show(
            "dead_letter.html", person=person, values=values | {"content": content}
        )

    def _begin(
        self, selection: list[Seen], person: Person, what: str, *, vouched: bool
    ) -> Response:
        replay = self._hub.replays.begin(selection, actor=person.actor, what=what, vouched=vouched)
        return RedirectResponse(f"/console/replays/{replay.id}", 303)


def _letter(connection: Connection, id_: UUID) -> dict[str, Any]:
    letter = dead_letter_by_id(connection, id_)
    if letter is None:
        raise _unknown()
    message = message_by_id(connection, letter.message) if letter.message else None
    return {
        "letter": letter,
        "message": message,
        "outcome": outcome_of(connection, letter),
        "edits": edits_of(connection, id_),
        "can_be_edited": letter.state == "open" and _has_a_shape(letter, message),
    }


def _has_a_shape(letter: DeadLetter, message: Message | None) -> bool:
    try:
        shape_of(letter, message)
    except PermanentFailure:
        return False
    return True


def _given(named: Mapping[str, str]) -> dict[str, str]:
    return {name: named[name] for name in _CRITERIA if named.get(name)}


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise _unknown() from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Rejected(422, "form.incomplete", "Open the page again, and replay from there.")
    return moment


def _seen(text: str) -> Seen | None:
    at, _, id_ = text.partition("_")
    try:
        return Seen(UUID(id_), datetime.fromisoformat(at)) if text else None
    except ValueError:
        raise Rejected(422, "search.page", "There is no such page; begin again.") from None


def _unknown() -> Rejected:
    return Rejected(404, "letter.unknown", "There is no such dead letter.")
