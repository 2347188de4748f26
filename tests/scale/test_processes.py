"""`hub run --processes`: a parent that keeps several hubs, and never leaves them behind."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from hub.sandbox.processes import Child, free_port
from hub.store import Sealer
from tests.cli.conftest import Hub
from tests.cli.conftest import hub as hub  # the command, as others call it
from tests.cli.conftest import store as store
from tests.scale.flowing import flowing


class Parent(Child):
    """Takes the place of a hub: two of them."""

    def __init__(
        self, module: Sequence[str], *, settings: Mapping[str, str], log: Path, ready_url: str
    ) -> None:
        self.log = log
        super().__init__(
            (*module, "--processes", "2"), settings=settings, log=log, ready_url=ready_url
        )

    async def stop(self) -> None:
        """In good order, however long it takes."""
        self.signal(signal.SIGTERM)
        await self.ended()

    def told(self, event: str) -> list[dict[str, int]]:
        """What it said of its children, the latest last."""
        lines = self.log.read_text("utf-8").splitlines()
        said = [json.loads(line) for line in lines if line.startswith("{")]
        return [each for each in said if each["event"] == event]

    async def until_told(self, event: str, times: int) -> list[dict[str, int]]:
        async with asyncio.timeout(60):
            while len(told := self.told(event)) < times:  # noqa: ASYNC110 - a log sets no event
                await asyncio.sleep(0.05)
        return told


@pytest.mark.timeout(400)
async def test_a_killed_child_is_started_again_and_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, store_url: str
) -> None:
    async with flowing(tmp_path, store_url, hub=Parent) as flow:
        parent = flow.world.hub
        assert isinstance(parent, Parent)
        first, second = (each["pid"] for each in await parent.until_told("hub.started", 2))
        for number, child in enumerate((second, first), start=3):
            await flow.goes_on()
            os.kill(child, signal.SIGKILL)
            await parent.until_told("hub.started", number)
        await flow.goes_on()
    assert [each["code"] for each in parent.told("hub.ended")] == [-signal.SIGKILL] * 2
    assert await parent.ended() == 0
    assert not any(runs(each["pid"]) for each in parent.told("hub.started"))


@pytest.fixture
async def parent(tmp_path: Path, store_url: str, amqp_url: str) -> AsyncIterator[Parent]:
    """Of two hubs that nobody sends anything."""
    (tmp_path / "routing.yaml").write_text("systems: {}\nauthorities: {}\n")
    port = free_port()
    settings = {
        "HUB_AMQP_URL": amqp_url,
        "HUB_STORE_URL": store_url,
        "HUB_DOCUMENTS": str(tmp_path / "documents"),
        "HUB_ROUTING": str(tmp_path / "routing.yaml"),
        "HUB_CONTENT_KEY": Sealer.generate_text(),
        "HUB_HTTP_PORT": str(port),
    }
    parent = Parent(
        ("hub.cli", "run"),
        settings=settings,
        log=tmp_path / "hub.log",
        ready_url=f"http://127.0.0.1:{port + 1}/health/ready",
    )
    yield parent
    await parent.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_hub_outlives_its_parent(parent: Parent, number: signal.Signals) -> None:
    await parent.start()
    children = [each["pid"] for each in await parent.until_told("hub.started", 2)]
    parent.signal(number)
    if number is signal.SIGTERM:  # as systemd does: everybody is told, and the parent hands it on
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, number)
    assert await parent.ended() == (0 if number is signal.SIGTERM else -number)
    async with asyncio.timeout(60):
        while any(map(runs, children)):  # noqa: ASYNC110 - strangers' processes set no event
            await asyncio.sleep(0.05)
    assert len(parent.told("doors.closed")) == len(children)  # each in good order


async def test_hubs_that_refuse_to_start_are_not_started_again(
    parent: Parent, tmp_path: Path
) -> None:
    (tmp_path / "routing.yaml").write_text("systems: what\n")
    with pytest.raises(RuntimeError, match=r"routing\.yaml"):
        await parent.start()
    assert await parent.ended() == 1


@pytest.mark.parametrize("options", [("--processes", "2"), ("--stages", "intake,deliver")])
def test_sqlite_has_one_hub(hub: Hub, store: object, options: tuple[str, str]) -> None:
    outcome = hub("run", *options)
    assert outcome.code == 1
    assert outcome.err.startswith("SQLite has one hub, with all stages: set HUB_STORE_URL")


@pytest.mark.parametrize("stages", ["", "intake,delivery"])
def test_unknown_stages_are_refused_with_those_that_there_are(hub: Hub, stages: str) -> None:
    outcome = hub("run", "--stages", stages)
    assert outcome.code == 2
    assert "name some of deliver,intake,interpret,mailbox" in outcome.err


def runs(pid: int) -> bool:
    """Whether it is there, and more than a name for its exit code."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return False
