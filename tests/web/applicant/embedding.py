"""A hub for a whole file of tests, and a page of an authority on another origin."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Part
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.settings import Settings
from hub.store import Sealer
from hub.web.server import serving
from tests.way.conftest import ROUTING, a_world
from tests.way.system import a_system
from tests.web.applicant.conftest import Case, Door, standing_before

__all__ = [
    "NAMED",
    "NEIGHBOURS",
    "NOBODYS",
    "SCRIPT",
    "Portal",
    "a_letter_of",
    "a_portal",
    "door",
    "name_pages",
    "told",
]

SCRIPT = "/applicant/application-status.js"
NAMED, NEIGHBOURS, NOBODYS = (f"https://{each}.example" for each in ("amt", "neighbour", "nobody"))


@pytest.fixture(scope="module")
async def door(
    rabbitmq: PrivateRabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    """Pages of NAMED may show the cases of 990001, those of NEIGHBOURS the cases of 990002."""
    folder, name = tmp_path_factory.mktemp("hub"), f"test-{uuid4()}"
    settings = Settings(
        amqp_url=await rabbitmq.vhost(name),
        store_url=f"sqlite:///{folder}/hub.db",
        documents=folder / "documents",
        routing=folder / "routing.yaml",
        content_key=Sealer.generate_text(),
    )
    async with (
        a_system() as system,
        a_world(settings, system) as world,
        standing_before(world) as d,
    ):
        name_pages(d, one=[NAMED], other=[NEIGHBOURS])
        yield d
    await rabbitmq.remove_vhost(name)


def name_pages(door: Door, *, one: list[str], other: list[str]) -> None:
    """The authorities name the origins of their pages; the hub reads it as it runs."""
    url = door.world.system.url
    text = ROUTING.format(url=url, other=url)
    for authority, pages in (("One", one), ("Other", other)):
        text = text.replace(f"{{name: {authority},", f"{{pages: {pages}, name: {authority},")
    path = door.world.hub.settings.routing
    path.write_text(text)
    assert door.world.hub.routes.look(), door.world.hub.routes.error


@dataclass
class Portal:
    """Pages of an authority: the strictest policy that the component bears, the script pinned."""

    origin: str
    integrity: str
    pages: dict[str, str] = field(default_factory=dict)
    policy: str = ""

    def show(self, door: Door, path: str, attributes: str, inside: str = "") -> str:
        """The address of a page on which the component stands."""
        self.policy = (
            f"default-src 'none'; script-src {door.url}; connect-src {door.url}; base-uri 'none';"
            " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        self.pages[path] = f"""<!doctype html>
            <html lang="de"><head><meta charset="utf-8"><title>Amt</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <script type="module" src="{door.url}{SCRIPT}" integrity="{self.integrity}"
                crossorigin="anonymous"></script></head>
            <body><main><h1>Amt für Migration</h1>
            <application-status {attributes}>{inside}</application-status></main></body></html>"""
        return f"{self.origin}/{path}"

    async def answer(self, request: Request) -> Response:
        html = self.pages.get(request.path_params["path"])
        headers = {"Content-Security-Policy": self.policy}
        return Response(html or "", 200 if html else 404, headers, media_type="text/html")


@asynccontextmanager
async def a_portal(door: Door) -> AsyncIterator[Portal]:
    async with door.client.get(SCRIPT) as response:
        digest = hashlib.sha384(await response.read()).digest()
    portal = Portal("", f"sha384-{base64.b64encode(digest).decode()}")
    app = Starlette(routes=[Route("/{path}", portal.answer)])
    async with serving(app, "127.0.0.1", 0) as port:
        portal.origin = f"http://127.0.0.1:{port}"
        yield portal


async def a_letter_of(door: Door, case: Case, **given: object) -> Letter:
    """A letter as no catalogue would write it, put into the mailbox."""
    letter = Letter.model_validate(
        {
            "id": MessageUuid(uuid4()),
            "about": MessageUuid(uuid4()),
            "case": case.id,
            "application_id": case.submission.application_id,
            "kind": "status",
            "mailbox": case.submission.mailbox,
            "sender": "One",
            "title": "A letter",
            "parts": (Part(language="en", text="Hello.\n\nA second paragraph\nof two lines."),),
            "created_at": case.submission.created_at,
            **given,
        }
    )
    await LocalMailbox(door.world.hub.store).deliver(letter)
    return letter


async def told(
    door: Door, path: str, status: int = 200, origin: str | None = None, **query: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """What is answered below /applicant/v1, and its headers."""
    headers = {} if origin is None else {"Origin": origin}
    async with door.client.get(f"/applicant/v1{path}", headers=headers, params=query) as response:
        assert response.status == status, await response.text()
        return await response.json(content_type=None), {
            name.lower(): value for name, value in response.headers.items()
        }
