"""Mailboxes: what waits for the provider of each, and since when one cannot be reached."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hub.stages.next_attempts import probe_place
from hub.store import Connection, OwedLetters, Parking, owed_letters, parkings
from hub.web.access import Person
from hub.web.console.page import Pages
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["MailboxRow", "mailbox_rows", "mailboxes_routes"]


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One provider. `known` is False for one that the settings do not name any more."""

    provider: str
    known: bool
    owed: int
    oldest: datetime | None
    parking: Parking | None


def mailboxes_routes(hub: Doors, pages: Pages, now: Callable[[], datetime]) -> list[BaseRoute]:
    """The list of providers, and a person's hand on one that is parked."""

    async def every(request: Request, person: Person) -> Response:  # noqa: ARG001 - the signature of a page
        rows = mailbox_rows(hub.providers, *await hub.store.read(_look))
        return pages.show("mailboxes.html", person=person, values={"rows": rows, "now": now()})

    async def probe(request: Request, person: Person) -> Response:
        provider = request.path_params["provider"]
        if provider not in hub.providers:
            raise Rejected(
                404, "provider.unknown", "This hub has no mailbox provider of this name."
            )
        await hub.store.run(lambda c: probe_place(c, provider, actor=person.actor, now=now()))
        return RedirectResponse("/console/mailboxes", 303)

    return [
        Route("/console/mailboxes", pages.page("viewer", every), methods=["GET"]),
        Route(
            "/console/mailboxes/{provider}/probe",
            pages.page("operator", probe),
            methods=["POST"],
        ),
    ]


def mailbox_rows(
    providers: Collection[str], owed: Sequence[OwedLetters], parked: Sequence[Parking]
) -> list[MailboxRow]:
    """A row for each provider, those that have been parked the longest first."""
    waiting = {each.provider: each for each in owed}
    # Authorities are parked in the same table; a provider's name begins with a letter.
    away = {each.authority: each for each in parked if not each.authority.isdecimal()}
    rows = [
        MailboxRow(
            provider=name,
            known=name in providers,
            owed=waiting[name].count if name in waiting else 0,
            oldest=waiting[name].since if name in waiting else None,
            parking=away.get(name),
        )
        for name in {*providers, *waiting, *away}
    ]
    return sorted(rows, key=lambda row: (row.parking is None, _since(row), row.provider))


def _since(row: MailboxRow) -> datetime | None:
    return row.parking.since if row.parking else None


def _look(connection: Connection) -> tuple[Sequence[OwedLetters], Sequence[Parking]]:
    return owed_letters(connection), parkings(connection)
