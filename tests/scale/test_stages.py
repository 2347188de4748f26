"""Hubs that work at some stages only are a whole one together, and tell when they are not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.app import running
from hub.broker import DEAD_LETTERS, INTAKE, INTERPRET, Broker, delivery_queue, mailbox_queue
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.stages import STAGES
from hub.store import Sealer, park
from tests.builders import a_submission
from tests.cli.conftest import Hub
from tests.cli.conftest import hub as command
from tests.store.building import AGAIN, NOW
from tests.way.conftest import ROUTING, World
from tests.way.system import System, a_system

AUTHORITIES = ("990001", "990002", "990003", "990004")

__all__ = ["command"]  # a fixture


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@pytest.fixture
def settings(tmp_path: Path, amqp_url: str, store_url: str, system: System) -> Settings:
    routing = tmp_path / "routing.yaml"
    routing.write_text(ROUTING.format(url=system.url, other=system.url))
    return Settings(
        amqp_url=amqp_url,
        store_url=store_url,
        documents=tmp_path / "documents",
        routing=routing,
        content_key=Sealer.generate_text(),
    )


async def test_four_hubs_with_a_stage_each_are_a_whole_one(
    settings: Settings, system: System
) -> None:
    async with AsyncExitStack() as hubs:
        apart = {
            stage: await hubs.enter_async_context(running(settings, {stage})) for stage in STAGES
        }
        sender = await hubs.enter_async_context(Broker(settings.amqp_urls, name="sender"))
        world = World(apart["intake"], sender, system)
        submission = a_submission()
        await world.send(submission)
        [received] = await system.wait_for(1)
        await world.update(Answer("status", status="01"), received)
        await world.until_letters(submission.id, 1)
        for hub in apart.values():
            await hub.broker.wait_ready()
            await hub.attendance.look()
            assert hub.unattended == ()
        consumed = {
            stage: {each.queue for each in hub.subscriptions} for stage, hub in apart.items()
        }
    assert consumed.pop("deliver") == {DEAD_LETTERS, *map(delivery_queue, AUTHORITIES)}
    assert consumed == {
        "intake": {DEAD_LETTERS, INTAKE},
        "interpret": {DEAD_LETTERS, INTERPRET},
        "mailbox": {DEAD_LETTERS, mailbox_queue("local")},
    }


async def test_a_missing_stage_is_told_by_those_that_are_there(
    settings: Settings, command: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("amqp_url", "store_url", "content_key"):
        secret = getattr(settings, name).get_secret_value()
        monkeypatch.setenv(f"HUB_{name.upper()}", secret)
    monkeypatch.setenv("HUB_ROUTING", str(settings.routing))
    monkeypatch.setenv("HUB_DOCUMENTS", str(settings.documents))
    async with running(settings, {"intake", "deliver", "interpret"}) as hub:
        await hub.broker.wait_ready()
        await hub.store.run(lambda c: park(c, "990001", "endpoint.down", NOW, NOW + AGAIN))
        await hub.attendance.look()
        assert hub.unattended == (mailbox_queue("local"),)
        outcome = await asyncio.to_thread(command, "status")
    assert outcome.code == 1
    assert outcome.err.startswith("No hub consumes hub.mailbox.local: no `hub run` works")
