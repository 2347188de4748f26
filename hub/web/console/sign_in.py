"""Sign-in: with a token, with a link that works once, or at an OpenID provider."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from hub.store import Act, Connection, Store, audit, use_link
from hub.web.access import Access, Person, Role, Sessions
from hub.web.access.limits import Limit
from hub.web.access.provider import Provider
from hub.web.charset import check_charset
from hub.web.console.page import Pages
from hub.web.problems import Rejected

__all__ = ["sign_in_routes"]

Answering = Callable[[Request], Awaitable[Response]]

_HOME: Final = "/console"
_SECONDS_AT_THE_PROVIDER: Final = 600
_SECONDS_TO_ARRIVE: Final = 20


def sign_in_routes(
    store: Store,
    access: Access,
    sessions: Sessions,
    pages: Pages,
    public_url: str,
    now: Callable[[], datetime],
) -> list[BaseRoute]:
    """Everything under /sign-in, and /sign-out."""
    desk = _Desk(store, access, sessions, pages, public_url, now)
    # Between leaving for the provider and coming back, a cookie of these pages alone keeps what
    # the provider must say again (state, nonce, PKCE verifier).
    kept = Middleware(
        SessionMiddleware,
        secret_key=sessions.secret_for("provider"),
        session_cookie="hub_sign_in",
        max_age=_SECONDS_AT_THE_PROVIDER,
        path="/sign-in",
        https_only=sessions.secure,
    )
    inside = [
        Route("/", desk.answered(desk.ask), methods=["GET"]),
        Route("/", desk.answered(desk.with_token), methods=["POST"]),
        Route("/link/{secret}", desk.answered(desk.confirm_link), methods=["GET"]),
        Route("/link/{secret}", desk.answered(desk.with_link), methods=["POST"]),
        Route("/provider", desk.answered(desk.to_provider), methods=["GET"]),
        Route("/provider/back", desk.answered(desk.from_provider), methods=["GET"]),
    ]
    return [
        Route("/sign-in", desk.answered(desk.ask), methods=["GET"]),
        Mount("/sign-in", Router(inside, redirect_slashes=False), middleware=[kept]),
        Route("/sign-out", desk.answered(desk.sign_out), methods=["POST"]),
    ]


class _Desk:
    def __init__(
        self,
        store: Store,
        access: Access,
        sessions: Sessions,
        pages: Pages,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._access = access
        self._sessions = sessions
        self._pages = pages
        self._public_url = public_url.rstrip("/")
        self._now = now
        self._limit = Limit(burst=10, per_minute=10)

    def answered(self, endpoint: Answering) -> Answering:
        """Show what is refused on the page of the sign-in itself."""

        async def answer(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except Rejected as rejected:
                response = self._page(request, rejected.sentence, rejected.status)
                if rejected.headers:
                    response.headers.update(rejected.headers)
            return response

        return answer

    async def ask(self, request: Request) -> Response:
        """The page on which people sign in."""
        return self._page(request)

    async def with_token(self, request: Request) -> Response:
        """Sign in whoever sends a person's token."""
        self._sessions.check_origin(request)
        self._limit.take(f"token {_address(request)}")
        check_charset(request)
        try:
            async with asyncio.timeout(_SECONDS_TO_ARRIVE):
                form = await request.form(max_files=0, max_fields=5)
        except TimeoutError:
            raise Rejected(
                408, "request.too_slow", "The form took too long; send it again."
            ) from None
        token = self._access.of_secret(str(form.get("token", "")))
        if token is None or token.role is None:
            raise Rejected(403, "access.unknown", "No person's token is like this.")
        response = _onwards(str(form.get("back", "")))
        self._sessions.begin_with(response, token)
        await self._signed_in(Person(token.name, token.role, "token"))
        return response

    async def confirm_link(self, request: Request) -> Response:
        """A button: whoever only looks at a link, such as a mail program, does not use it up."""
        self._of_link(request)
        return self._pages.show("link.html", person=None, values={"path": request.url.path})

    async def with_link(self, request: Request) -> Response:
        """Sign in whoever comes first with a link."""
        self._sessions.check_origin(request)
        name, role, nonce = self._of_link(request)
        if not await self._store.run(lambda c: use_link(c, nonce, self._now())):
            raise _expired()
        response = _onwards("")
        self._sessions.begin(response, name, role, "link")
        await self._signed_in(Person(name, role, "link"))
        return response

    async def to_provider(self, request: Request) -> Response:
        """Send the browser to the OpenID provider."""
        back = f"{self._public_url}/sign-in/provider/back"
        return await self._provider().ask(request, back)

    async def from_provider(self, request: Request) -> Response:
        """Sign in whom the provider sends back."""
        self._limit.take(f"provider {_address(request)}")
        person = await self._provider().person(request)
        response = _onwards("")
        self._sessions.begin(response, person.name, person.role, person.by)
        await self._signed_in(person)
        return response

    async def sign_out(self, request: Request) -> Response:
        """Sign out; done from one of the hub's own pages only."""
        person = self._sessions.person(request)
        response = RedirectResponse("/sign-in", 303)
        if person is not None:
            await self._sessions.check_form(request, person)
            self._sessions.end(response)
        return response

    def _of_link(self, request: Request) -> tuple[str, Role, str]:
        link = self._sessions.of_link(request.path_params["secret"])
        if link is None:
            self._limit.take(f"link {_address(request)}")
            raise _expired()
        return link

    def _provider(self) -> Provider:
        if self._access.sign_in is None:
            raise Rejected(404, "sign_in.no_provider", "This hub knows no OpenID provider.")
        return Provider(self._access.sign_in)

    def _page(self, request: Request, sentence: str | None = None, status: int = 200) -> Response:
        values = {
            "back": request.query_params.get("back", _HOME),
            "provider": self._access.sign_in is not None,
            "sentence": sentence,
        }
        return self._pages.show("sign_in.html", person=None, values=values, status=status)

    async def _signed_in(self, person: Person) -> None:
        act = Act(self._now(), person.actor, "signed_in", "console", {"role": person.role})

        def unit(connection: Connection) -> None:
            audit(connection, act)

        await self._store.run(unit)


def _address(request: Request) -> str:
    """Whose attempts are counted together: a stranger's must not keep everybody else out."""
    return request.client.host if request.client is not None else ""


def _onwards(back: str) -> RedirectResponse:
    # Into the console only: the address came with the request.
    return RedirectResponse(back if back.startswith("/console") else _HOME, 303)


def _expired() -> Rejected:
    return Rejected(
        403, "link.expired", "The link was used or has expired; `hub sign-in` makes a new one."
    )
