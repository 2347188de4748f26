"""Cases that flow through several real hubs, judged at the end by everybody's books but the hub's.

Whoever tries something waits for the flow to go on before the next thing: so each of them happens
under load, and none is waited for by the clock.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.broker import Broker
from hub.sandbox.applicants import Applicants
from hub.sandbox.destinations import destinations
from hub.sandbox.faults.flow import Flow
from hub.sandbox.faults.impatient import Impatient, hurried
from hub.sandbox.faults.judging import judge
from hub.sandbox.observer import Observer
from hub.sandbox.play import read_books
from hub.sandbox.samples import sample
from hub.sandbox.world import World, running_world
from hub.store import Sealer, open_store

__all__ = ["Flowing", "flowing"]

_SEED = 7
_PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Flowing:
    """A world in which cases flow."""

    world: World
    flow: Flow
    applicants: Applicants

    async def goes_on(self, letters: int = 8, messages: int = 8) -> None:
        """Return once so many more messages were confirmed to applicants and letters have come."""
        sent = len(self.applicants.confirmed) + messages
        read = self._letters + letters
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while len(self.applicants.confirmed) < sent or self._letters < read:  # noqa: ASYNC110 - books set no events
                await asyncio.sleep(0.05)

    @property
    def _letters(self) -> int:
        return sum(self.flow.letters.values())


@asynccontextmanager
async def flowing(folder: Path, store_url: str, **given: object) -> AsyncIterator[Flowing]:
    """Submissions, replies and updates, until the block ends; then all must have arrived, once."""
    async with (
        running_world(folder, store_url=store_url, **given) as world,  # type: ignore[arg-type]
        Broker(world.amqp_urls, name="applicants") as broker,
        open_store(store_url, world.documents, Sealer.from_text(world.content_key)) as store,
    ):
        applicants = Impatient(broker.publisher, f"{world.hub_url}/documents", world.token)
        observer = Observer(store)
        offers = destinations(world.routes, datetime.now(UTC).date())
        flow = Flow(lambda n: hurried(sample(n, offers, _SEED)), applicants, observer)
        beginning = asyncio.create_task(flow.run())
        try:
            yield Flowing(world, flow, applicants)
            beginning.cancel()
            assert await flow.settle(_PATIENCE), f"{flow.open} cases do not come to an end"
            books = await read_books(flow.samples, applicants, observer, world.book_urls)
            problems = judge(flow.samples, books)
            assert not problems, "\n".join(map(str, problems))
        finally:
            beginning.cancel()
            await asyncio.gather(beginning, return_exceptions=True)
            await flow.stop()
