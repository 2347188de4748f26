"""How a page of the console is made: who may see it, from which template, with which words.

`page` stands around each endpoint: it knows the person, refuses a lesser role, and turns every
failure into a page that says what to do.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.model.failure import HubFailure
from hub.web.access import Person, Role, Sessions, need
from hub.web.problems import Rejected

__all__ = ["Endpoint", "Pages", "asset"]

Endpoint = Callable[[Request, Person], Awaitable[Response]]

_log = structlog.get_logger()
_MENU: Final = (
    ("overview", "Overview", "/console"),
    ("authorities", "Authorities", "/console/authorities"),
    ("mailboxes", "Mailboxes", "/console/mailboxes"),
    ("queues", "Queues", "/console/queues"),
    ("search", "Search", "/console/search"),
    ("dead", "Dead letters", "/console/dead"),
    ("routes", "Routes", "/console/routes"),
    ("audit", "Audit", "/console/audit"),
)


class Pages:
    """Renders pages for people who are signed in, and keeps out everybody else."""

    def __init__(self, sessions: Sessions, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now
        self._templates = Environment(
            loader=PackageLoader("hub.web.console"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(menu=_MENU, asset=asset)
        self._templates.filters.update(
            exactly=_exactly, ago=lambda at: ago(self._now() - at), amount=_amount, duration=ago
        )

    def show(
        self,
        template: str,
        *,
        person: Person | None,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        """The page of a template, with `values`, for `person`."""
        return HTMLResponse(self.text(template, person, values), status)

    def text(
        self, template: str, person: Person | None, values: Mapping[str, Any] | None = None
    ) -> str:
        """The same as text, for a part of a page."""
        form_token = self._sessions.form_token(person) if person else ""
        return self._templates.get_template(template).render(
            **(values or {}), person=person, form_token=form_token
        )

    def page(self, at_least: Role, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for those with a role. Forms are believed only from its own pages."""

        async def answer(request: Request) -> Response:
            person = self._sessions.person(request)
            if person is None:
                back = urlencode({"back": request.url.path})
                return RedirectResponse(f"/sign-in?{back}", 303)
            try:
                need(person, at_least)
                if request.method == "POST":
                    await self._sessions.check_form(request, person)
                return await endpoint(request, person)
            except Rejected as rejected:
                return self._problem(person, rejected.status, rejected.sentence)
            except HubFailure as failure:
                return self._problem(person, 422, failure.sentence)
            except HTTPException as refused:  # of a form that Starlette does not take
                sentence = f"This form cannot be taken: {refused.detail}"
                return self._problem(person, refused.status_code, sentence)
            except Exception as error:  # noqa: BLE001 - the edge: what escapes here is logged with its data
                _log.error("console.failed", error=type(error).__name__)
                sentence = "The hub failed to make this page; its log names the kind of error."
                return self._problem(person, 500, sentence)

        return answer

    def _problem(self, person: Person, status: int, sentence: str) -> Response:
        values = {"title": HTTPStatus(status).phrase, "sentence": sentence}
        return self.show("problem.html", person=person, values=values, status=status)


@cache
def asset(name: str) -> str:
    """The address of a file in `static`: it changes with the file, so that browsers may keep it."""
    content = files("hub.web.console").joinpath("static", name).read_bytes()
    return f"/console/static/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


def ago(passed: timedelta) -> str:
    """A duration in the largest unit that fits, such as `3 min`."""
    seconds = int(passed.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{max(seconds, 0)} s"


def _exactly(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _amount(number: int) -> str:
    # A narrow no-break space between thousands (ISO 80000-1, 7.3.1).
    return f"{number:,}".replace(",", "\u202f")
