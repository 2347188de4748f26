"""The simulated ZBP behind a door that can be made to misbehave."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web

from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter
from hub.sandbox.zbp.authors import AuthorFiles
from hub.sandbox.zbp.book import Book
from hub.sandbox.zbp.system import build
from tests.mailbox.contract import Arrived, Outcome
from tests.sandbox.serving import serving


class ZbpFarEnd:
    """The real sandbox server, reached through an aiohttp server that passes requests on.

    `answers`: what the next requests are answered instead of being passed on.
    """

    def __init__(self, book: Book, behind: str, author: AuthorFiles) -> None:
        self.accounts = (str(uuid4()), str(uuid4()))
        self.author = author
        self.answers: deque[Callable[[], web.Response] | None] = deque()
        self.requests: list[str] = []
        self._book = book
        self._behind = behind
        self._outcomes: deque[Outcome] = deque()
        self._away = False
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def knows(self) -> frozenset[Outcome]:
        return frozenset({"be busy", "vanish", "be away"})

    async def letters(self, account: str) -> list[Arrived]:
        book = await self.book()
        return [
            self._arrived(each["message"]) for each in book["letters"] if each["mailbox"] == account
        ]

    async def statuses(self) -> list[str]:
        return [each["state"]["status"] for each in (await self.book())["states"]]

    async def book(self):  # type: ignore[no-untyped-def]  # JSON
        return await asyncio.to_thread(self._book.as_json)

    def hopeless(self, letter: Letter) -> Letter:
        mailbox = letter.mailbox.model_copy(update={"account": "ola@example.org"})
        return letter.model_copy(update={"mailbox": mailbox})

    async def next(self, outcome: Outcome) -> None:
        if outcome == "be away":
            await self.stop()
            self._away = True
        else:
            self._outcomes.append(outcome)

    async def come_back(self) -> None:
        if self._away:
            await self.start()
            self._away = False

    def _arrived(self, message: dict[str, str]) -> Arrived:
        documents = self._book.documents_of(message["reference"])
        return Arrived(
            id=MessageUuid(UUID(message["reference"])),
            title=message["title"],
            body=message["content"],
            documents=tuple(each.content for each in documents),
        )

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        app = web.Application(client_max_size=200_000_000)
        app.router.add_route("*", "/{path}", self._pass)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=context)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append(f"{request.method} {request.path}")
        if self.answers and (answer := self.answers.popleft()) is not None:
            return answer()
        outcome = self._outcomes.popleft() if self._outcomes else None
        if outcome == "be busy":
            return web.json_response({}, status=503, headers={"Retry-After": "7"})
        answer = await self._asked(request, body)
        if outcome == "vanish":
            assert request.transport is not None
            request.transport.abort()
        return answer

    async def _asked(self, request: web.Request, body: bytes) -> web.Response:
        kind = {"Content-Type": request.headers["Content-Type"]}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, self._behind + request.path, data=body, headers=kind
            ) as got,
        ):
            return web.Response(
                status=got.status, body=await got.read(), content_type=got.content_type
            )


@asynccontextmanager
async def a_zbp(folder: Path, author: AuthorFiles) -> AsyncIterator[ZbpFarEnd]:
    app = build(folder, trusted=author.trusted)
    async with serving(app) as url:
        far_end = ZbpFarEnd(app.state.book, url, author)
        await far_end.start()
        try:
            yield far_end
        finally:
            await far_end.stop()
