"""A campaign: applicants who never stop, one seeded fault after the other, then the books.

The faults are spread over several worlds one after the other, so that the books of each can
still be read; a problem keeps the folder of its world.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp

from hub.broker import Broker
from hub.sandbox.applicants import Applicants
from hub.sandbox.books import SystemBook, joined
from hub.sandbox.destinations import destinations
from hub.sandbox.faults.cable import Cable
from hub.sandbox.faults.cables import Cables
from hub.sandbox.faults.flow import Flow
from hub.sandbox.faults.forked import Stem, running_stem
from hub.sandbox.faults.impatient import Impatient, hurried
from hub.sandbox.faults.judging import Problem, judge, repeats
from hub.sandbox.faults.kind import Ground, Kind
from hub.sandbox.faults.making_up import MakingUp
from hub.sandbox.faults.report import Fault, Finding, Report
from hub.sandbox.observer import Observer
from hub.sandbox.play import read_books
from hub.sandbox.postgresql import private_postgresql
from hub.sandbox.samples import sample
from hub.sandbox.world import World, running_world
from hub.stages.deliver import LEASE
from hub.stages.next_attempts import try_all_now
from hub.store import Connection, Sealer, Store, open_store, parkings, probe_now

__all__ = ["Plan", "campaign"]

_FAULTS_PER_WORLD: Final = 125
_LONGEST_FAULT: Final = 180.0
_PROVIDER: Final = "local"
"""Whose mailboxes the applicants of a world have."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is to do.

    Attributes:
        runs: how many faults.
        seed: decides which, when, and all else that is drawn.
        kinds: those to draw from; each comes as often as the others.
        hub: module whose `main` is the hub.
        pair: the same, where there are two of them.
        patience: with cases that do not come to an end, once nothing moves any more: longer than
            a parked authority is left alone whose probe died with its hub (`deliver.LEASE`).
    """

    runs: int
    seed: int
    kinds: Sequence[Kind]
    hub: str = "hub.sandbox.faults.mortal"
    pair: str = "hub.sandbox.faults.paired"
    patience: timedelta = LEASE + timedelta(seconds=90)


async def campaign(plan: Plan, progress: Callable[[Report, str], None]) -> Report:
    """Provoke all faults and judge; `progress` is told how far it is, with a word on what is done.

    Raises:
        RuntimeError: a world did not start.
    """
    began, report = time.monotonic(), Report(plan.seed)
    worlds = 0
    drawn = _drawn(plan)
    for module, pair in ((plan.hub, False), (plan.pair, True)):
        kinds = [kind for kind in drawn if kind.pair is pair]
        if not kinds:
            continue
        async with running_stem(module) as stem:
            for first in range(0, len(kinds), _FAULTS_PER_WORLD):
                some = kinds[first : first + _FAULTS_PER_WORLD]
                seed = f"{plan.seed}.{worlds * _FAULTS_PER_WORLD}"
                await _in_a_world(stem, plan, seed, some, report, progress)
                worlds += 1
                report.seconds = time.monotonic() - began
                progress(report, "judged")
    return report


def _drawn(plan: Plan) -> list[Kind]:
    kinds = [plan.kinds[number % len(plan.kinds)] for number in range(plan.runs)]
    random.Random(plan.seed).shuffle(kinds)
    return kinds


async def _in_a_world(
    stem: Stem,
    plan: Plan,
    seed: str,
    kinds: Sequence[Kind],
    report: Report,
    progress: Callable[[Report, str], None],
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="hub-faults-"))
    found_before = len(report.findings)
    try:
        progress(report, "starting RabbitMQ, the simulated systems and the hub")
        async with (
            Cables() as cables,
            _world(folder, stem, cables, pair=kinds[0].pair) as world,
        ):
            sealer = Sealer.from_text(world.content_key)
            async with (
                Broker([world.amqp_url], name="applicants") as broker,
                open_store(world.store_url, world.documents, sealer) as store,
            ):
                applicants = Impatient(broker.publisher, f"{world.hub_url}/documents", world.token)
                battle = _Battle(world, cables.by_name, seed, applicants, store, report, progress)
                await battle.fight(kinds, plan.patience)
                progress(report, "settling")
                await battle.judge()
    except RuntimeError as error:
        raise RuntimeError(f"{error} (all is kept in {folder})") from error
    except asyncio.CancelledError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if len(report.findings) == found_before:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _world(folder: Path, stem: Stem, cables: Cables, *, pair: bool) -> AsyncIterator[World]:
    if not pair:
        async with running_world(folder, hub=stem.child, way=cables.lay) as world:
            yield world
        return
    with private_postgresql() as server:
        url = server.new_database()
        async with running_world(
            folder, hub=stem.child, hubs=2, store_url=url, way=cables.lay
        ) as world:
            yield world


class _Battle:
    """The faults of one world, and the flow that they hit."""

    def __init__(
        self,
        world: World,
        network: Mapping[str, Cable],
        seed: str,
        applicants: Applicants,
        store: Store,
        report: Report,
        progress: Callable[[Report, str], None],
    ) -> None:
        offers = destinations(world.routes, datetime.now(UTC).date())
        own = int(seed.replace(".", ""))
        self._world = world
        self._network = network
        self._seed = seed
        self._applicants = applicants
        self._store = store
        self._observer = observer = Observer(store)
        self._report = report
        self._progress = progress
        self._flow = Flow(lambda number: hurried(sample(number, offers, own)), applicants, observer)
        self._making_up = MakingUp(self._flow, applicants, observer, world.book_urls)
        self._faults: list[Fault] = []
        self._problems: list[Problem] = []
        self._given_up: list[bytes] = []
        self._counted = (0, 0)

    async def fight(self, kinds: Sequence[Kind], patience: timedelta) -> None:
        """Provoke one after the other while cases flow, then wait until all has settled."""
        flowing = asyncio.create_task(self._flow.run())
        try:
            for number, kind in enumerate(kinds):
                await self._provoke(kind, f"{self._seed}.{number}")
                if flowing.done():
                    await flowing  # raises what went wrong with it
                self._progress(self._report, kind.name)
            flowing.cancel()
            await self._store.run(self._try_everything_now)
            if not await self._flow.settle(patience):
                self._wrong(f"{self._flow.open} cases do not come to an end")
        finally:
            flowing.cancel()
            await asyncio.gather(flowing, return_exceptions=True)
            await self._flow.stop()

    async def judge(self) -> None:
        """Read all books and add what is wrong to the report."""
        samples = self._flow.samples
        books = await read_books(samples, self._applicants, self._observer, self._world.book_urls)
        await self._count()
        if not await self._observer.chain_verifies():
            self._wrong("the chain of audited acts does not verify")
        problems = [*self._problems, *judge(samples, books, len(self._given_up))]
        self._report.findings += [
            Finding(problem, self._around(problem), self._world.folder) for problem in problems
        ]
        self._report.submissions += len(samples)
        self._report.messages += len(books.confirmed)
        self._report.letters += sum(map(len, books.letters.values()))

    def _try_everything_now(self, connection: Connection) -> None:
        """Do what an operator does once everything works again, instead of waiting for an hour."""
        now = _now()
        parked = [each.authority for each in parkings(connection)]
        for place in parked:
            probe_now(connection, place, "campaign", now)
        for place in {*self._world.routes.authorities, *parked, _PROVIDER}:
            try_all_now(connection, place, actor="campaign", now=now)

    async def _provoke(self, kind: Kind, seed: str) -> None:
        world, hub = self._world, self._world.hub
        assert world.node is not None  # noqa: S101 - a campaign brings its own
        ground = Ground(world, world.node, hub, random.Random(seed), self._network)
        ground.make_up, ground.given_up = self._making_up, self._given_up
        in_flight, began = await self._count(), _now()
        try:
            async with asyncio.timeout(_LONGEST_FAULT):
                await kind.provoke(ground)
        except TimeoutError:
            self._wrong(f"{kind.name}, seed {seed}: not mended within {_LONGEST_FAULT:.0f} s")
        for each in world.hubs:
            if not each.running:
                lines = each.last_lines()
                self._wrong(f"{kind.name}, seed {seed}: the hub ended by itself: {lines}")
                await each.start()
        fault = Fault(kind.name, seed, began, _now(), in_flight, missed=ground.missed)
        self._faults.append(fault)
        self._report.faults.append(fault)

    async def _count(self) -> int:
        """What is in flight now; what came again since the last count is due to the last fault."""
        book = joined([await _book(url) for url in self._world.book_urls])
        now = repeats(book.messages), self._applicants.resent + self._making_up.resent
        came, resent = (new - old for new, old in zip(now, self._counted, strict=True))
        self._counted = now
        if self._faults:
            last = replace(self._faults[-1], repeats=came, resent=resent)
            self._faults[-1] = self._report.faults[-1] = last
        there = {message.uuid for message in book.messages if message.complete_at}
        down = sum(one.id not in there for one in self._applicants.confirmed)
        letters = sum(each.kind not in ("receipt", "refusal") for each in book.updates)
        return down + max(0, letters - sum(self._flow.letters.values()))

    def _around(self, problem: Problem) -> Fault | None:
        """The first fault that ended after it may have happened, else the last."""
        if not self._faults:
            return None
        at = problem.at
        after = (each for each in self._faults if at is not None and each.ended >= at)
        return next(after, self._faults[-1])

    def _wrong(self, sentence: str) -> None:
        self._problems.append(Problem("wrong", "the hub", sentence, _now()))


async def _book(url: str) -> SystemBook:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return SystemBook.model_validate_json(await response.read())


def _now() -> datetime:
    return datetime.now(UTC)
