"""A real hub that one message ends each time, under somebody who starts it again each time.

The message waits between its attempts, so that those of another authority are delivered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from hub.broker import SUBMISSIONS, Broker
from hub.model.downward import Submission
from hub.model.identifiers import CaseId, MessageUuid
from hub.sandbox.faults.forked import running_stem
from hub.sandbox.processes import Child, free_port
from hub.stages.decision import CUT_OFF_FREE
from hub.store import Sealer, dead_letters, journey, message_by_id, open_store
from tests.builders import a_submission
from tests.faults.deadly import DEADLY
from tests.way.conftest import ROUTING, until
from tests.way.system import System, a_system


class Supervised:
    """A hub that is started again whenever it has ended, and how often it has."""

    def __init__(self, hub: Child) -> None:
        self._hub, self.ends = hub, 0

    async def keep(self) -> None:
        while True:
            await self._hub.ended()
            self.ends += 1
            with suppress(RuntimeError):  # it may end before anybody has seen it ready
                await self._hub.start()

    async def until_ended(self, times: int) -> None:
        async def ended() -> bool:
            return self.ends >= times

        await until(ended, 120)


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@asynccontextmanager
async def supervised(settings: dict[str, str], folder: Path) -> AsyncIterator[Supervised]:
    async with running_stem("tests.faults.deadly") as stem:
        ready = f"http://127.0.0.1:{settings['HUB_HTTP_PORT']}/health/ready"
        hub = stem.child((), settings=settings, log=folder / "hub.log", ready_url=ready)
        await hub.start()
        supervised = Supervised(hub)
        keeping = asyncio.create_task(supervised.keep())
        try:
            yield supervised
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


@pytest.mark.timeout(300)
async def test_others_are_served_between_the_ends_of_a_hub_that_a_message_ends_each_time(
    tmp_path: Path, amqp_url: str, system: System
) -> None:
    (tmp_path / "routing.yaml").write_text(ROUTING.format(url=system.url, other=system.url))
    settings = {
        "HUB_AMQP_URL": amqp_url,
        "HUB_STORE_URL": f"sqlite:///{tmp_path / 'hub.db'}",
        "HUB_DOCUMENTS": str(tmp_path / "documents"),
        "HUB_ROUTING": str(tmp_path / "routing.yaml"),
        "HUB_CONTENT_KEY": Sealer.generate_text(),
        "HUB_HTTP_PORT": str(free_port()),
    }
    async with supervised(settings, tmp_path) as hub, Broker([amqp_url], name="sender") as sender:

        async def send(submission: Submission) -> None:
            body = submission.model_dump_json().encode()
            await sender.publisher.publish(SUBMISSIONS, "submission.x", body, type="submission")

        async def serves_others() -> None:
            others = [a_submission(id=uuid4(), authority="990002", place=None) for _ in range(5)]
            for each in others:
                await send(each)

            async def arrived() -> bool:
                return {str(each.id) for each in others} <= {one.uuid for one in system.received}

            await until(arrived)

        await send(a_submission(id=DEADLY))
        await hub.until_ended(CUT_OFF_FREE + 1)
        await serves_others()
        await hub.until_ended(CUT_OFF_FREE + 2)
        await serves_others()

        sealer = Sealer.from_text(settings["HUB_CONTENT_KEY"])
        async with open_store(settings["HUB_STORE_URL"], tmp_path / "documents", sealer) as store:

            async def times() -> list[object]:
                events = await store.read(lambda c: journey(c, CaseId(DEADLY)))
                return [each.detail["times"] for each in events if each.name == "postponed"]

            async def put_off_again() -> bool:
                return len(await times()) > 1

            await until(put_off_again)
            row = await store.read(lambda c: message_by_id(c, MessageUuid(DEADLY)))
            assert row is not None
            assert (row.state, row.cause, row.attempts) == ("owed", "hub.cut_off", 0)
            assert (await times())[:2] == [CUT_OFF_FREE + 1, CUT_OFF_FREE + 2]
            assert await store.read(dead_letters) == []
        assert str(DEADLY) not in {one.uuid for one in system.received}
