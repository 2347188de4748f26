"""A world that loses its hub's store, documents and broker in one night, and gets them back.

The hub, its systems and RabbitMQ are processes; the applicants are played here. What is judged is
what applicants, systems and mailboxes have written down, none of whom the night has touched.
"""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import aiohttp

from hub.broker import Broker
from hub.model.identifiers import AuthorityKey
from hub.sandbox.applicants import Applicants
from hub.sandbox.books import SystemBook, joined
from hub.sandbox.destinations import destinations
from hub.sandbox.observer import Observer
from hub.sandbox.play import Play, read_books
from hub.sandbox.samples import Sample, samples
from hub.sandbox.verdict import Verdict, judge
from hub.sandbox.world import World
from hub.store import (
    Connection,
    Pause,
    Sealer,
    State,
    Store,
    end_pause,
    messages_of,
    open_store,
    pause,
)

__all__ = ["Drill", "Groups", "until"]

_LIGHT = 1024 * 1024


@dataclass(frozen=True)
class Groups:
    """Who applies when.

    `before`: all is done before the backup; `meanwhile`: under way while it is made; `held`: owed
    then, to an authority that takes nothing before the backup, `longer`: before the restore;
    `after`: come when the backup is made.
    """

    before: Sequence[Sample]
    meanwhile: Sequence[Sample]
    held: Sequence[Sample]
    longer: Sequence[Sample]
    after: Sequence[Sample]

    @classmethod
    def of(cls, world: World) -> "Groups":
        offers = destinations(world.routes, datetime.now(UTC).date())
        light = [each for each in samples(offers, 30) if _size(each) < _LIGHT]
        first, second = sorted({each.authority for each in light})[:2]
        free = [each for each in light if each.authority not in (first, second)]
        return cls(
            before=free[:3],
            meanwhile=free[3:6],
            held=[each for each in light if each.authority == first][:2],
            longer=[each for each in light if each.authority == second][:2],
            after=free[6:8],
        )

    @property
    def all(self) -> list[Sample]:
        return [*self.before, *self.meanwhile, *self.held, *self.longer, *self.after]


class Drill:
    """What is done in it, step by step."""

    def __init__(self, world: World, broker: Broker) -> None:
        self.world = world
        self.hub_at_work = world.hub
        self.applicants = Applicants(broker.publisher, f"{world.hub_url}/documents", world.token)
        self._night = datetime.now(UTC)

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        sealer = Sealer.from_text(self.world.content_key)
        async with open_store(self.world.store_url, self.world.documents, sealer) as store:
            yield store

    async def hub(self, *command: str, **settings: str) -> tuple[int, str, str]:
        """A command, in a process of its own: exit code, stdout, stderr."""
        environment = {
            **os.environ,
            "HUB_STORE_URL": self.world.store_url,
            "HUB_DOCUMENTS": str(self.world.documents),
            "HUB_CONTENT_KEY": self.world.content_key,
            **settings,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.cli", *command),
            env=environment,
            stdout=PIPE,
            stderr=PIPE,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def play(self, store: Store, some: Sequence[Sample]) -> None:
        """Until all of their cases have run their course."""
        await Play(some, self.applicants, Observer(store), self.hub_at_work, kills=0).run()

    async def hold(self, store: Store, authority: AuthorityKey) -> None:
        held = Pause(authority, datetime.now(UTC), "drill", "a drill")
        await store.run(lambda c: pause(c, held))

    async def let_go(self, store: Store, authority: AuthorityKey) -> None:
        await store.run(lambda c: end_pause(c, authority, "drill", datetime.now(UTC)))

    async def until_state(self, store: Store, some: Sequence[Sample], state: State) -> None:
        """Until all of their submissions are there and stand so."""

        def stand(connection: Connection) -> bool:
            found = [
                row.state
                for each in some
                for row in messages_of(connection, each.case)
                if row.id == each.submission.id
            ]
            return found == [state] * len(some)

        await until(partial(store.read, stand))

    async def until_known(self, store: Store, some: Sequence[Sample]) -> None:
        """Until the hub has taken in all of their submissions."""
        cases = [each.case for each in some]

        async def known() -> bool:
            return set(cases) <= await Observer(store).known(cases)

        await until(known)

    async def book(self) -> SystemBook:
        """What all systems have written down."""
        async with aiohttp.ClientSession() as session:
            return joined([await _book(session, url) for url in self.world.book_urls])

    async def night(self) -> None:
        """The hub is gone, and with it whatever its broker held, and its documents."""
        await self.world.hub.kill()
        assert self.world.node is not None
        await self.world.node.wipe()
        shutil.rmtree(self.world.documents)
        self._night = datetime.now(UTC)

    async def make_up(self, store: Store, some: Sequence[Sample]) -> set[UUID]:
        """Whoever sent something before the night that the hub does not know sends it again.

        In the order of the first time, each when what was before it is known: so do a service and
        a vendor that the operator has asked to. Gives what was sent again.
        """
        cases = [each.case for each in some]

        async def known(id_: UUID) -> bool:
            return id_ in await Observer(store).known(cases)

        sent: list[tuple[datetime, UUID, str | None]] = [
            (one.at, one.id, None) for one in self.applicants.confirmed
        ]
        async with aiohttp.ClientSession() as session:
            for url in self.world.book_urls:
                book = await _book(session, url)
                sent += [(u.sent_at, u.uuid, url) for u in book.updates if u.sent_at]
            again: set[UUID] = set()
            for at, id_, url in sorted(sent, key=lambda each: each[0]):
                # What was sent since then is on its way: asked for again, a system would put it
                # behind what it has sent meanwhile.
                if at > self._night or await known(id_):
                    continue
                again.add(id_)
                if url is None:
                    await self.applicants.send_again({id_})
                else:
                    await session.post(url.replace("/book", "/again"), json=[str(id_)])
                await until(partial(known, id_))
        return again

    async def verdict(self, store: Store, some: Sequence[Sample], again: set[UUID]) -> Verdict:
        """What a system got a second time because its sender sent it `again` has another time of
        creation in its head: the hub that took it in first is gone. The system knows its UUID."""
        books = await read_books(some, self.applicants, Observer(store), self.world.book_urls)
        messages = tuple(
            one.model_copy(update={"other_contents": 0}) if one.uuid in again else one
            for one in books.system.messages
        )
        system = books.system.model_copy(update={"messages": messages})
        return judge(some, replace(books, system=system))


async def until(condition: Callable[[], Any], seconds: float = 120) -> None:
    """Until it is true."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a commit is no event outside
            await asyncio.sleep(0.1)


def _size(sample: Sample) -> int:
    return sum(document.size for document in sample.submission.documents)


async def _book(session: aiohttp.ClientSession, url: str) -> SystemBook:
    async with session.get(url) as response:
        return SystemBook.model_validate_json(await response.read())
