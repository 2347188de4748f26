"""What `<application-status>` asks: a case and its letters as JSON, for whoever has its link.

The link is a secret, and opens here as it opens the applicant's page: the same limits, the same
silence about links that open nothing. Programs of other origins than the hub's read an answer only
on a page that the case's authority has named (`pages` in `routing.yaml`); a browser of any other
page is told no before its link was looked at. There are no cookies, so none need be guarded.
A letter that was asked for counts as read, as on the page.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import FastAPI, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from hub.mailbox.links import LinkBroken, LinkExpired
from hub.mailbox.local import LocalMailbox
from hub.model.downward import Language
from hub.web.api.application import describe_refusals, fail_in_problems
from hub.web.applicant.entrance import Entrance, Visit
from hub.web.applicant.reading import Reading
from hub.web.applicant.telling import CaseTold, LetterTold, case_told, letter_told
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["embedded", "embedded_document"]

_REFUSALS: Final = describe_refusals(
    {
        403: "The page that asks is of an origin that no authority has named.",
        404: "The link opens nothing here: it is wrong, has expired, or is another authority's.",
        422: "The call makes no sense; `detail` says why.",
        429: "That was too often; `Retry-After` says in how many seconds it works again.",
        503: "The store is away; ask again.",
    }
)

Token = Annotated[str, Path(description="The last part of the signed link: a secret.")]
Chosen = Annotated[Language | None, Query(description="Instead of the applicant's language.")]
Origin = Annotated[str | None, Header(description="Of the page that asks, set by its browser.")]


def embedded(
    hub: Doors,
    entrance: Entrance,
    reading: Reading,
    mailbox: LocalMailbox,
    now: Callable[[], datetime],
) -> FastAPI:
    """The application, to be mounted at /applicant/v1."""
    calls = FastAPI(
        title="Residence hub: status of an application",
        version="1",
        summary="What an authority's page shows of a case, behind its signed link.",
        openapi_url="/openapi.json",
        docs_url=None,  # its pages would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # they would lead back by http behind a proxy that ends TLS
        responses=_REFUSALS,
    )

    async def enter(
        request: Request, token: str, language: Language | None, origin: str | None
    ) -> Visit:
        unknown = Rejected(404, "link.unknown", "This link opens nothing here.")
        may_show = None if origin is None else hub.routes.table.shown_on(origin)
        if may_show is not None and not may_show:
            raise Rejected(403, "page.unknown", "No authority has named this page's origin.")
        try:
            case = await entrance.case(token)
        except (LinkBroken, LinkExpired):
            raise unknown from None
        if may_show is not None and case.authority not in may_show:
            raise unknown
        entrance.count(case)
        return entrance.visitor(request, case, language)

    @calls.get("/cases/{token}")
    async def case(
        request: Request, token: Token, language: Chosen = None, origin: Origin = None
    ) -> CaseTold:
        """Where the case stands, its letters without their text, and what was sent."""
        visit = await enter(request, token, language, origin)
        letters = await mailbox.of_case(visit.case.id)
        found = await reading.correspondence(visit.case)
        return case_told(
            reading.authority(visit.case),
            visit.case.application_id,
            letters,
            found,
            visit.words,
            visit.to,
            reading.is_over,
        )

    @calls.get("/cases/{token}/letters/{letter}")
    async def one_letter(
        request: Request, token: Token, letter: UUID, language: Chosen = None, origin: Origin = None
    ) -> LetterTold:
        """One letter with its text. From now on it counts as read."""
        visit = await enter(request, token, language, origin)
        letters = await mailbox.of_case(visit.case.id)
        lying = next((each for each in letters if each.letter.id == letter), None)
        if lying is None:
            raise Rejected(404, "letter.unknown", "The case has no such letter.")
        await mailbox.opened(lying.letter, now())
        found = await reading.correspondence(visit.case)
        here = await reading.still_here(lying.letter)
        return letter_told(lying, letters, found, here, visit.words, visit.to, reading.is_over)

    async def readable_on_named_pages(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        origin = request.headers.get("origin")
        response = await call_next(request)
        if origin is not None and hub.routes.table.shown_on(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Vary"] = "Origin"
        return response

    fail_in_problems(calls)
    calls.middleware("http")(readable_on_named_pages)
    return calls


def embedded_document() -> dict[str, Any]:
    """The document that describes the calls; it needs no running hub."""
    nobody: Any = None  # the calls ask their hub only once they are called
    return embedded(nobody, nobody, nobody, nobody, datetime.now).openapi()
