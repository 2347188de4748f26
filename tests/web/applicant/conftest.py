"""A whole hub with its page open: letters come from a system, answers go back to it."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from hub.mailbox.links import Links
from hub.model.downward import Submission
from hub.model.identifiers import CaseId
from hub.model.letter import Letter
from hub.sandbox.papers import Folder
from hub.sandbox.script import Answer
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_submission
from tests.way.conftest import World, settings, system, world
from tests.way.system import Received

__all__ = ["settings", "system", "world"]

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02" + bytes(range(255, -1, -1)) * 40 + b"\xff\xd9"
HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Case:
    """One applicant's case at a system, and the address of its page."""

    world: World
    submission: Submission
    received: Received
    path: str

    @property
    def id(self) -> CaseId:
        return CaseId(self.submission.id)

    async def letter(self, kind: str, **given: Any) -> Letter:
        """The system writes; what it wrote has become a letter."""
        before = len(await self.world.letters(self.id))
        await self.world.update(Answer(kind, **given), self.received)  # type: ignore[arg-type]
        return (await self.world.until_letters(self.id, before + 1))[-1]

    def to(self, letter: Letter) -> str:
        return f"{self.path}/letters/{letter.id}"


@dataclass
class Door:
    """The page, as a browser without JavaScript sees it."""

    world: World
    url: str
    client: aiohttp.ClientSession
    cases: list[Case] = field(default_factory=list)

    def link(self, case: CaseId, at: datetime | None = None) -> str:
        sealer, lifetime = self.world.hub.store.sealer, timedelta(days=30)
        return Links(sealer, "", lifetime).to_case(case, at or datetime.now(UTC))

    async def case(self, **given: Any) -> Case:
        number = len(self.cases) + 1
        submission = a_submission(
            **{"id": uuid4(), "application_id": f"AT-2026-{number:06d}", "language": "en"} | given
        )
        before = len(self.world.system.received)
        await self.world.send(submission)
        received = (await self.world.system.wait_for(before + 1))[-1]
        await self.world.until_state(submission, "accepted")
        case = Case(self.world, submission, received, self.link(CaseId(submission.id)))
        self.cases.append(case)
        return case

    async def get(self, path: str, status: int = 200, **headers: str) -> str:
        async with self.client.get(path, headers=headers) as response:
            assert response.status == status, await response.text()
            return await response.text()

    async def form(self, path: str) -> str:
        """The token of the form on a page."""
        return form_token(await self.get(path))

    async def post(
        self,
        path: str,
        form: str,
        *,
        text: str | None = None,
        files: tuple[tuple[str, bytes], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Send a form; gives status and page, or the address that follows."""
        data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        data.add_field("form", form)
        if text is not None:
            data.add_field("text", text)
        for name, content in files:
            data.add_field("documents", BytesIO(content), filename=name)
        async with self.client.post(
            path, data=data, headers=HERE if headers is None else headers, allow_redirects=False
        ) as response:
            if response.status == 303:
                return 303, response.headers["Location"]
            return response.status, await response.text()


def form_token(html: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', html)
    assert found, "there is no form on the page"
    return unescape(found[1])


def embedded(received: Received) -> list[bytes]:
    """The documents inside what a system received, as bytes."""
    found = []
    for element in received.root.iter():
        text = (element.text or "").strip()
        if len(text) > 1000:
            found.append(base64.b64decode(text))
    return found


def real_pdf() -> bytes:
    folder = Folder(uuid4())
    folder.add_pdf("Vertrag")
    content = folder.documents[0].content
    assert content is not None
    return content


@asynccontextmanager
async def standing_before(world: World) -> AsyncIterator[Door]:
    async with (
        serving(build(world.hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield Door(world, f"http://127.0.0.1:{port}", client)


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    async with standing_before(world) as door:
        yield door
