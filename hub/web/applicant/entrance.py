"""Who comes in: a link that opens a case, not too often, from a browser that means it.

`visit` stands around each page. Whatever goes wrong becomes a page in words; nothing of the
request, and so nothing of the link, is logged. A link that has expired, one that was never ours,
and one whose case has no letters here all get the same page.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.mailbox.links import LinkBroken, LinkExpired, Links
from hub.mailbox.local import READ_HERE
from hub.model.downward import Language
from hub.model.failure import HubFailure
from hub.stages.content import open_profile
from hub.store import Case, case_by_id
from hub.web.access.limits import Limit
from hub.web.applicant.pages import LANGUAGES, Pages, Words
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["Entrance", "NotShown", "Visit"]

_log = structlog.get_logger()


class NotShown(Exception):
    """There is another page to show instead: `notice.<key>` in the catalogues."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = f"notice.{key}"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose link opens this case, and the words to answer it with."""

    request: Request
    case: Case
    words: Words
    chosen: Language | None

    def to(self, *parts: object) -> str:
        """The address of another page of the case, in the language that was chosen."""
        path = "/".join(("/cases", self.request.path_params["token"], *map(str, parts)))
        return path if self.chosen is None else f"{path}?language={self.chosen}"


Endpoint = Callable[[Visit], Awaitable[Response]]


class Entrance:
    """Lets in. The limits are those of this process, and of bounded size."""

    def __init__(self, hub: Doors, links: Links, pages: Pages, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._links = links
        self._pages = pages
        self._now = now
        self._of_all = Limit(burst=1000, per_minute=6000)
        self._of_broken = Limit(burst=100, per_minute=300)
        self._of_case = Limit(burst=120, per_minute=60)
        self._of_forms = Limit(burst=12, per_minute=6)

    def visit(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """A page for those whose link opens a case."""

        async def answer(request: Request) -> Response:
            chosen = _chosen(request)
            words, home = Words(chosen or _preferred(request)), None
            try:
                case = await self.case(request.path_params["token"])
                visit = self.visitor(request, case, chosen)
                words, home = visit.words, visit.to()
                self._admit(visit)
                return await endpoint(visit)
            except NotShown as instead:
                return self._pages.notice(words, instead.key, status=instead.status, home=home)
            except LinkExpired:
                return self._pages.notice(words, "notice.link", status=410)
            except LinkBroken:
                return self._pages.notice(words, "notice.link", status=404)
            except Rejected as busy:
                return self._pages.notice(
                    words, "notice.busy", status=busy.status, home=home, headers=busy.headers
                )
            except ClientDisconnect:
                return Response(status_code=400)
            except (HubFailure, TimeoutError) as failure:
                _log.warning("page.later", error=type(failure).__name__)
                return self._pages.notice(words, "notice.later", status=503, home=home)
            except Exception as error:  # noqa: BLE001 - the edge: what escapes here is logged with its data
                _log.error("page.failed", error=type(error).__name__)
                return self._pages.notice(words, "notice.later", status=500, home=home)

        return answer

    async def case(self, token: str) -> Case:
        """The case that a link opens.

        Raises:
            LinkExpired: its time is over.
            LinkBroken: it opens nothing here.
            Rejected: too many links were tried that open nothing.
        """
        try:
            id_ = self._links.case_of(token, self._now())
        except (LinkBroken, LinkExpired):
            self._of_broken.take("all")
            raise
        case = await self._hub.store.read(lambda c: case_by_id(c, id_))
        if case is None or case.provider not in READ_HERE:
            raise LinkBroken
        return case

    def visitor(self, request: Request, case: Case, chosen: Language | None) -> Visit:
        """Whoever has the link of a case; they read the language chosen, or the applicant's."""
        return Visit(request, case, Words(chosen or self._language(case)), chosen)

    def count(self, case: Case) -> None:
        """One more request about a case.

        Raises:
            Rejected: there were too many of this case, or in all.
        """
        # Of all counts only what is let through: nobody's flood may keep the others out.
        self._of_case.take(str(case.id))
        self._of_all.take("all")

    def _language(self, case: Case) -> Language:
        return open_profile(self._hub.store.sealer, case.profile, case.id).language

    def _admit(self, visit: Visit) -> None:
        self.count(visit.case)
        if visit.request.method == "POST":
            self._of_forms.take(str(visit.case.id))
            if not self._is_from_here(visit.request):
                raise NotShown(403, "form")

    def _is_from_here(self, request: Request) -> bool:
        """Whether the browser says that a page of this hub sent the form.

        Fetch Metadata says it most clearly. Under `no-referrer` browsers send `Origin: null`, which
        says nothing: then, and without either, the form's own token decides.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin", "null")
        ours = {request.headers.get("host"), urlsplit(self._hub.settings.public_url).netloc}
        return origin == "null" or urlsplit(origin).netloc in ours


def _chosen(request: Request) -> Language | None:
    asked = request.query_params.get("language")
    return next((each for each in LANGUAGES if each == asked), None)


_FIRST: Final[Language] = "de"


def _preferred(request: Request) -> Language:
    """What the browser would rather read, where no case says it."""
    wishes = request.headers.get("accept-language", "").split(",")
    asked = [wish.strip()[:2].lower() for wish in wishes[:20]]
    return next((each for wish in asked for each in LANGUAGES if each == wish), _FIRST)
