"""Who may use which address: every route that the application has, tried as everybody.

The routes are asked of the application itself. One that is not in the table below fails, and so
does a line of the table whose route is gone: a new page cannot be forgotten.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from lxml import html
from starlette.routing import BaseRoute, Mount, Route

from hub.broker import Broker
from hub.store import Store
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.web.given import AUTHORITY, AHub, Settings

PERSONS = ("viewer", "operator", "approver", "admin")
MACHINES = ("system", "neighbour", "service")
STRANGERS = ("nobody", "wrong token")
EVERYBODY = (*STRANGERS, *MACHINES, *PERSONS)

VIEWER, OPERATOR, APPROVER, ADMIN = (PERSONS[number:] for number in range(len(PERSONS)))

PUBLIC = {
    "GET /": "leads on to the console, and holds nothing",
    "GET /console/": "the same",
    "GET /health/live": "asked by whatever keeps the hub running; says one word",
    "GET /health/ready": "the same; names parts of the hub, never a message",
    "GET /console/static/{digest}/{name}": "style and script of the page of the sign-in",
    "GET /sign-in": "the page on which people sign in",
    "GET /sign-in/": "the same page",
    "POST /sign-in/": "takes the token; tested in test_sign_in.py",
    "GET /sign-in/link/{secret}": "the secret is in the address",
    "POST /sign-in/link/{secret}": "the secret is in the address",
    "GET /sign-in/provider": "sends the browser to the OpenID provider",
    "GET /sign-in/provider/back": "takes what the provider says; tested in test_provider.py",
    "POST /sign-out": "ends the session that is shown, and nothing without one",
    "GET /api/v1/openapi.json": "describes the calls, and holds nothing else",
    "GET /applicant/{digest}/page.css": "style of the applicant's page",
    "GET /applicant/application-status.js": "script for authorities' pages, the same for all",
    "GET /applicant/v1/openapi.json": "describes the calls, and holds nothing else",
    **dict.fromkeys(
        (
            "GET /cases/{token}",
            "GET /cases/{token}/letters/{letter:uuid}",
            "POST /cases/{token}/letters/{letter:uuid}",
            "GET /cases/{token}/letters/{letter:uuid}/documents/{document:uuid}",
            "GET /cases/{token}/withdrawal",
            "POST /cases/{token}/withdrawal",
            "GET /cases/{token}/messages/{message:uuid}",
            "GET /cases/{token}/{rest:path}",
            "GET /applicant/v1/cases/{token}",
            "GET /applicant/v1/cases/{token}/letters/{letter}",
        ),
        "the applicant's page: the link in the address opens it; tested in tests/web/applicant",
    ),
}

MAY = {
    "GET /console": VIEWER,
    "GET /console/live": VIEWER,
    "GET /console/authorities": VIEWER,
    "GET /console/authorities/{key}": VIEWER,
    "POST /console/authorities/{key}/pause": OPERATOR,
    "POST /console/authorities/{key}/resume": OPERATOR,
    "POST /console/authorities/{key}/probe": OPERATOR,
    "POST /console/authorities/{key}/try-now": OPERATOR,
    "GET /console/mailboxes": VIEWER,
    "POST /console/mailboxes/{provider}/probe": OPERATOR,
    "GET /console/dead": VIEWER,
    "GET /console/dead/letters": VIEWER,
    "GET /console/dead/{id}": VIEWER,
    "POST /console/dead/replay": OPERATOR,
    "POST /console/dead/{id}/replay": OPERATOR,
    "POST /console/dead/{id}/discard": OPERATOR,
    "POST /console/dead/{id}/open": APPROVER,
    "POST /console/dead/{id}/edit": APPROVER,
    "POST /console/dead/{id}/edits": APPROVER,
    "GET /console/edits/{id}": VIEWER,
    "POST /console/messages/{message}/next-attempt": OPERATOR,
    "POST /console/messages/{message}/open": APPROVER,
    "POST /console/edits/{id}/open": APPROVER,
    "POST /console/edits/{id}/approve": APPROVER,
    "POST /console/edits/{id}/withdraw": APPROVER,
    "GET /console/replays/{id}": VIEWER,
    "POST /console/replays/{id}/stop": OPERATOR,
    "GET /console/search": VIEWER,
    "GET /console/cases/{case}": VIEWER,
    "GET /console/queues": VIEWER,
    "GET /console/routes": VIEWER,
    "POST /console/routes": OPERATOR,
    "POST /console/rehearsals": OPERATOR,
    "GET /console/rehearsals/{id}": VIEWER,
    "POST /console/rehearsals/{id}/stop": OPERATOR,
    "GET /console/ledger": VIEWER,
    "GET /console/audit": ADMIN,
    "GET /api/v1/status": VIEWER,
    "GET /api/v1/authorities": VIEWER,
    "GET /api/v1/queues": VIEWER,
    "GET /api/v1/cases": VIEWER,
    "GET /api/v1/cases/{case}": VIEWER,
    "GET /api/v1/ledger": VIEWER,
    "GET /api/v1/ledger/balances": VIEWER,
    "GET /api/v1/ledger/places": VIEWER,
    "GET /api/v1/audit": ADMIN,
    "GET /api/v1/audit/verify": ADMIN,
    "POST /api/v1/messages/{message}/next-attempt": OPERATOR,
    "POST /api/v1/places/{place}/try-now": OPERATOR,
    "POST /api/v1/places/{place}/probe": OPERATOR,
    "POST /api/v1/cases/{case}/forward": OPERATOR,
    "GET /api/v1/edits": VIEWER,
    "POST /api/v1/edits/{edit}/open": APPROVER,
    "POST /api/v1/edits/{edit}/approve": APPROVER,
    "POST /api/v1/edits/{edit}/withdraw": APPROVER,
    "GET /api/v1/dead-letters/{letter}/edits": VIEWER,
    "POST /api/v1/dead-letters/{letter}/edits": APPROVER,
    "POST /api/v1/dead-letters/{letter}/open": APPROVER,
    "GET /api/v1/dead-letters": VIEWER,
    "GET /api/v1/dead-letters/{letter}": VIEWER,
    "POST /api/v1/dead-letters/{letter}/discard": OPERATOR,
    "GET /api/v1/replays": VIEWER,
    "POST /api/v1/replays": OPERATOR,
    "GET /api/v1/replays/{replay}": VIEWER,
    "POST /api/v1/replays/{replay}/stop": OPERATOR,
    "GET /api/v1/rehearsals": VIEWER,
    "POST /api/v1/rehearsals": OPERATOR,
    "GET /api/v1/rehearsals/{rehearsal}": VIEWER,
    "POST /api/v1/rehearsals/{rehearsal}/stop": OPERATOR,
    "POST /api/v1/authorities/{key}/pause": OPERATOR,
    "POST /api/v1/authorities/{key}/resume": OPERATOR,
    "GET /metrics": VIEWER,
    "POST /returns/{authority}": ("system",),
    "PUT /documents/{sha256}": ("service",),
    "POST /submissions": ("service",),
    "GET /submissions/{id}": ("service",),
}


def routes_of(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Each route as method and path; HEAD is answered by the endpoint of GET."""
    for route in routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            for each in iter_route_contexts(route.app.routes):
                yield from _lines(each.methods, f"{prefix}{route.path}{each.path}")
        elif isinstance(route, Mount):
            yield from routes_of(route.routes, prefix + route.path)
        else:
            assert isinstance(route, Route), f"{route} is no kind of route that this test knows"
            yield from _lines(route.methods, prefix + route.path)


def _lines(methods: Iterable[str] | None, path: str | None) -> Iterator[str]:
    assert methods, f"{path} takes every method"
    yield from (f"{method} {path}" for method in sorted(set(methods) - {"HEAD"}))


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    allowed: dict[str, dict[str, Any]] = {
        "system": {"authorities": [AUTHORITY]},
        "neighbour": {"authorities": ["000900"]},
        "service": {"senders": ["alp:000001"]},
    }
    tokens = [
        {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()}
        | allowed.get(name, {"role": name})
        for name in (*PERSONS, *MACHINES)
    ]
    path = tmp_path / "access.yaml"
    path.write_text(json.dumps({"tokens": tokens}))
    return path


@pytest.fixture
def hub(access_file: Path, broker: Broker, store: Store, workshop: Workshop) -> AHub:
    return AHub(Settings(access_file), broker, store, workshop)


class Visitor:
    """Somebody with a token, who signs in with it and also sends it along with each request."""

    def __init__(self, name: str, client: aiohttp.ClientSession) -> None:
        self.name = name
        self._client = client
        self._form_token = "made up"

    async def sign_in(self) -> None:
        async with self._client.post("/sign-in/", data={"token": self.name}) as response:
            assert response.status == (200 if self.name in PERSONS else 403)
            if self.name in PERSONS:
                page = html.fromstring(await response.text())
                [self._form_token] = set(page.xpath("//input[@name='form_token']/@value"))

    async def turned_away(self, route: str) -> bool:
        """Whether it is refused, and for want of a right."""
        method, path = route.split(" ")
        path = path.format(
            **dict.fromkeys(("id", "case", "message", "letter", "replay", "edit"), uuid4()),
            rehearsal=uuid4(),
            **dict.fromkeys(("key", "authority", "place"), AUTHORITY),
            provider="local",
            sha256="0" * 64,
        )
        headers = {} if self.name == "nobody" else {"Authorization": f"Bearer {self.name}"}
        form = {"form_token": self._form_token} if path.startswith("/console") else None
        data = form if method == "POST" else None
        async with self._client.request(
            method, path, data=data, headers=headers, allow_redirects=False
        ) as response:
            if response.status == 303:
                return response.headers["Location"].startswith("/sign-in")
            if response.status in {401, 403}:
                assert "form.foreign" not in (text := await response.text())
                assert "did not come from" not in text
                return True
            assert response.status < 500 or response.status == 503
            return False


@pytest.fixture
async def visitors(hub: AHub) -> AsyncIterator[list[Visitor]]:
    async with serving(build(hub), "127.0.0.1", 0) as port, AsyncExitStack() as open_:
        visitors = []
        for name in EVERYBODY:
            jar = aiohttp.CookieJar(unsafe=True)
            client = aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar)
            visitors.append(Visitor(name, await open_.enter_async_context(client)))
        yield visitors


async def test_every_route_says_who_may_use_it(hub: AHub) -> None:
    assert set(routes_of(build(hub).routes)) == PUBLIC.keys() | MAY.keys()


async def test_everybody_else_is_turned_away(visitors: list[Visitor]) -> None:
    for visitor in visitors:
        await visitor.sign_in()
        for route, may in MAY.items():
            away = await visitor.turned_away(route)
            assert away is (visitor.name not in may), f"{visitor.name}: {route}"
