"""Authorities: what each is owed, how its system does, and when its format changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.model.identifiers import AuthorityKey
from hub.routing import RoutingTable
from hub.stages.next_attempts import probe_place, try_all_now
from hub.store import (
    Connection,
    Parking,
    Pause,
    State,
    Unfinished,
    end_pause,
    last_successes,
    parkings,
    pause,
    pauses,
    unfinished,
)
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = [
    "AuthorityRow",
    "Seen",
    "authorities_routes",
    "authority_rows",
    "look_at_authorities",
]


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One authority as the list shows it.

    `name` is empty for one that is not in the table any more and is owed something still.
    `format_` and `cut_over` are version, and day and version; None where there is none.
    """

    key: AuthorityKey
    name: str
    system: str
    transport: str
    format_: str | None
    cut_over: tuple[date, str] | None
    owed: int
    awaited: int
    dead: int
    oldest: datetime | None
    last_success: datetime | None
    parking: Parking | None
    pause: Pause | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store knows of all authorities."""

    unfinished: tuple[Unfinished, ...]
    successes: dict[str, datetime]
    parkings: dict[str, Parking]
    pauses: dict[str, Pause]


def authorities_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The list of authorities, and the page of one."""

    async def every(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        rows = authority_rows(
            hub.routes.table, await hub.store.read(look_at_authorities), now().date()
        )
        return pages.show("authorities.html", person=person, values={"rows": rows, "now": now()})

    async def one(request: Request, person: Person) -> Response:
        key = request.path_params["key"]
        rows = authority_rows(
            hub.routes.table, await hub.store.read(look_at_authorities), now().date()
        )
        row = next((row for row in rows if row.key == key), None)
        if row is None:
            raise Rejected(404, "authority.unknown", "No authority in routing.yaml has this key.")
        entry = hub.routes.table.authorities.get(key)
        system = hub.routes.table.systems[entry.system] if entry else None
        values = {"row": row, "entry": entry, "system": system, "today": now().date()}
        return pages.show("authority.html", person=person, values=values)

    async def hold(request: Request, person: Person) -> Response:
        key = request.path_params["key"]
        reason = str((await request.form()).get("reason", "")).strip()
        if key not in hub.routes.table.authorities:
            raise Rejected(404, "authority.unknown", "No authority in routing.yaml has this key.")
        if not reason:
            raise Rejected(422, "reason.missing", "Say why it is paused; the reason is kept.")
        new = Pause(key, now(), person.actor, reason[:500])
        await hub.store.run(lambda c: pause(c, new))
        return RedirectResponse(f"/console/authorities/{key}", 303)

    async def let_go(request: Request, person: Person) -> Response:
        key = request.path_params["key"]
        await hub.store.run(lambda c: end_pause(c, key, person.actor, now()))
        return RedirectResponse(f"/console/authorities/{key}", 303)

    async def probe(request: Request, person: Person) -> Response:
        key = request.path_params["key"]
        await hub.store.run(lambda c: probe_place(c, key, actor=person.actor, now=now()))
        return RedirectResponse(f"/console/authorities/{key}", 303)

    async def try_now(request: Request, person: Person) -> Response:
        key = request.path_params["key"]
        await hub.store.run(lambda c: try_all_now(c, key, actor=person.actor, now=now()))
        return RedirectResponse(f"/console/authorities/{key}", 303)

    one_authority = "/console/authorities/{key}"
    return [
        Route(f"{one_authority}/pause", pages.page("operator", hold), methods=["POST"]),
        Route(f"{one_authority}/resume", pages.page("operator", let_go), methods=["POST"]),
        Route(f"{one_authority}/probe", pages.page("operator", probe), methods=["POST"]),
        Route(f"{one_authority}/try-now", pages.page("operator", try_now), methods=["POST"]),
        Route("/console/authorities", pages.page("viewer", every), methods=["GET"]),
        Route(one_authority, pages.page("viewer", one), methods=["GET"]),
    ]


def authority_rows(table: RoutingTable, seen: Seen, today: date) -> list[AuthorityRow]:
    """A row for each authority, those that are owed the longest first."""
    by_key: dict[str, list[Unfinished]] = {}
    for each in seen.unfinished:
        by_key.setdefault(each.authority, []).append(each)
    keys = table.authorities.keys() | by_key.keys()
    rows = [_row(key, table, by_key.get(key, []), seen, today) for key in keys]
    return sorted(rows, key=lambda row: (row.oldest is None, row.oldest, row.key))


def _row(
    key: AuthorityKey,
    table: RoutingTable,
    waiting: Iterable[Unfinished],
    seen: Seen,
    today: date,
) -> AuthorityRow:
    waiting = list(waiting)
    entry = table.authorities.get(key)
    system = table.systems[entry.system] if entry else None
    dated = system.in_force(today) if system else None
    following = [each for each in system.formats if each.since > today] if system else []
    return AuthorityRow(
        key=key,
        name=entry.name if entry else "",
        system=system.name if system else "",
        transport=system.transport if system else "",
        format_=f"{system.adapter} {dated.version}" if system and dated else None,
        cut_over=(following[0].since, following[0].version) if following else None,
        owed=_count(waiting, State.OWED),
        awaited=_count(waiting, State.HANDED_OVER),
        dead=_count(waiting, State.DEAD),
        oldest=min((each.since for each in waiting if each.state is State.OWED), default=None),
        last_success=seen.successes.get(key),
        parking=seen.parkings.get(key),
        pause=seen.pauses.get(key),
    )


def _count(waiting: Iterable[Unfinished], state: State) -> int:
    return sum(each.count for each in waiting if each.state is state)


def look_at_authorities(connection: Connection) -> Seen:
    """Read it."""
    return Seen(
        unfinished=tuple(unfinished(connection)),
        successes=last_successes(connection),
        parkings={parking.authority: parking for parking in parkings(connection)},
        pauses={each.authority: each for each in pauses(connection)},
    )
