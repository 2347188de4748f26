"""One adapter raises, blocks, leaks and ends its process; the four others are under load.

Nobody but its own authority notices: not by a dead letter, not by a second attempt, not by the
hub's memory.
"""

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.app import running
from hub.broker import RETURNS, SUBMISSIONS, Broker
from hub.model.downward import Submission
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.workshop.crew import Bounds
from hub.workshop.workshop import Workshop
from tests.builders import a_submission
from tests.way.conftest import World, until
from tests.way.system import System, a_system

GOOD = {"990001": "xauslaender", "990002": "alster", "990003": "isar", "990004": "spree"}
VERSIONS = {"xauslaender": "26.11", "alster": "4", "isar": "2.1", "spree": "1", "unruly": "1"}
UNRULY = "990009"
EACH = 25
BOUNDS = Bounds(time=timedelta(seconds=3), megabytes=256)

SYSTEM = """
  {name}: {{adapter: {name}, formats: [{{version: "{version}", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 8, attempts: 2}}}}"""
AUTHORITY = """
  "{key}": {{name: "{name}", regional_keys: [], system: {name}, services: all,
    back_channel: true}}"""


def routing(url: str) -> str:
    systems = (
        SYSTEM.format(name=name, version=version, url=url) for name, version in VERSIONS.items()
    )
    authorities = (
        AUTHORITY.format(key=key, name=name) for key, name in {**GOOD, UNRULY: "unruly"}.items()
    )
    return f"systems:{''.join(systems)}\nauthorities:{''.join(authorities)}\n"


@asynccontextmanager
async def a_hub(settings: Settings, system: System) -> AsyncIterator[World]:
    settings.routing.write_text(routing(system.url))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield World(hub, sender, system)


@pytest.fixture
def bounds() -> Bounds:
    return BOUNDS


@pytest.fixture
async def world(
    settings: Settings, unruly: Path, bounds: Bounds, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr("hub.app.Workshop", partial(Workshop, bounds=bounds))
    async with a_system() as system, a_hub(settings, system) as world:
        yield world


def a_deed(what: str, number: int = 1) -> Submission:
    return a_submission(
        id=uuid4(), authority=UNRULY, application_id=f"{what}/{number}", documents=0
    )


def a_good_one(authority: str, number: int) -> Submission:
    return a_submission(
        id=uuid4(), authority=authority, application_id=f"AT-{authority}-{number}", documents=0
    )


def an_update(said: str) -> bytes:
    return f'<message uuid="{uuid4()}"><said>{said}</said></message>'.encode()


async def bring(world: World, body: bytes) -> None:
    headers = {"authority": UNRULY, "adapter": "unruly"}
    await world.sender.publisher.publish(
        RETURNS, f"unruly.{UNRULY}", body, type="update", headers=headers
    )


async def test_an_adapter_harms_only_its_own_authorities(world: World) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # By turns, so that innocent messages stand in line behind each of them.
    turns = [(what, number) for number in (1, 2) for what in ("raise", "leak", "exit", "hang")]
    bad = [a_deed(*turn) for turn in turns]
    innocent = [a_deed("process", number) for number in range(len(bad))]
    good = [a_good_one(key, number) for number in range(EACH) for key in GOOD]
    mixed = [each for pair in zip(bad, innocent, strict=True) for each in pair]
    await asyncio.gather(*(world.send(each) for each in (*mixed, *good)))

    for submission in good:
        await world.until_state(submission, "accepted")
        names = await world.names(submission.id)
        assert (names.count("attempt"), names[-1]) == (1, "accepted")

    for submission in innocent:
        await world.until_state(submission, "accepted")
    letters = await world.until_dead(len(bad))
    causes = {letter.message: letter.cause for letter in letters}
    assert {str(each.application_id): causes.get(each.id) for each in bad} == {
        f"{what}/{number}": {
            "raise": "unexpected",
            "leak": "adapter.out_of_memory",
            "exit": "adapter.died",
            "hang": "adapter.too_slow",
        }[what]
        for what, number in turns
    }
    of_one_cause = [each.fingerprint for each in letters if each.cause == "unexpected"]
    assert (len(of_one_cause), len(set(of_one_cause))) == (2, 1)
    assert (await world.ledger()).balanced
    grown_kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kibibytes < BOUNDS.megabytes * 1024 // 2


async def test_what_it_cannot_read_is_a_dead_letter_of_its_own_authority(world: World) -> None:
    await bring(world, an_update("exit"))
    [letter] = await world.until_dead()
    assert (letter.stage, letter.cause) == ("interpret", "adapter.died")


@pytest.mark.parametrize("bounds", [Bounds(time=timedelta(seconds=10))])
async def test_who_blocks_while_reading_holds_up_nobody_else(
    world: World, bounds: Bounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    read = Workshop.read

    async def watched(self: Workshop, adapter: str, *given: Any, **named: Any) -> Any:
        try:
            return await read(self, adapter, *given, **named)
        finally:
            ended.append(adapter)

    monkeypatch.setattr(Workshop, "read", watched)
    submission = a_good_one("990001", 1)
    await world.send(submission)
    await world.until_state(submission, "accepted")
    for _ in range(2):
        await bring(world, an_update("hang"))
    [received] = world.system.received
    for code in ("01", "05"):
        await world.update(Answer("status", status=code), received)
    await world.until_letters(submission.id, 2)
    assert ended == ["xauslaender", "xauslaender"]


@pytest.fixture
def hub_process(settings: Settings, unruly: Path, tmp_path: Path) -> Iterator["HubProcess"]:
    process = HubProcess(settings, unruly, tmp_path / "hub.log")
    yield process
    process.kill()


class HubProcess:
    """`hub run`, to be killed; `wait` says what it printed if it ends before."""

    def __init__(self, settings: Settings, installed: Path, log: Path) -> None:
        secret = settings.content_key
        assert secret is not None
        self._settings = {
            "HUB_AMQP_URL": settings.amqp_url.get_secret_value(),
            "HUB_STORE_URL": settings.store_at,
            "HUB_DOCUMENTS": str(settings.documents),
            "HUB_ROUTING": str(settings.routing),
            "HUB_CONTENT_KEY": secret.get_secret_value(),
            "HUB_HTTP_PORT": "0",
            "PYTHONPATH": os.pathsep.join((str(installed), str(Path.cwd()))),
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", "run"],
                env=os.environ | self._settings,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def terminate(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    async def children(self) -> list[int]:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        return [pid for pid in workers() if parent_of(pid) == self._process.pid]


def workers() -> list[int]:
    """Every process of a workshop, whoever started it."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                if b"hub.workshop.worker" in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
    return found


def parent_of(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[1])
    return 0


def environment_of(pid: int) -> set[bytes]:
    entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return {entry.partition(b"=")[0] for entry in entries if entry}


@pytest.mark.parametrize(
    ("ending", "does", "count"), [("kill", "burn", 2), ("terminate", "env", 1)]
)
async def test_no_process_of_an_adapter_outlives_the_hub(
    settings: Settings, hub_process: HubProcess, ending: str, does: str, count: int
) -> None:
    async with a_system() as system, Broker(settings.amqp_urls, name="sender") as sender:
        settings.routing.write_text(routing(system.url))
        hub_process.start()
        for number, what in enumerate(("process", does)):
            message = a_deed(what, number)
            body = message.model_dump_json().encode()

            async def sent(body: bytes = body) -> bool:
                # Until the hub has declared it, there is nothing to send to.
                with suppress(Exception):
                    await sender.publisher.publish(
                        SUBMISSIONS, f"employment.{UNRULY}", body, type="submission"
                    )
                    return True
                return False

            await until(sent)
        await system.wait_for(1)
        children: list[int] = await until(lambda: so_many(hub_process, count))
        for pid in children:
            assert not {name for name in environment_of(pid) if name.startswith(b"HUB_")}
        await asyncio.to_thread(getattr(hub_process, ending))

        async def gone() -> bool:
            return not set(children) & set(workers())

        await until(gone)


async def so_many(hub: HubProcess, count: int) -> list[int]:
    children = await hub.children()
    return children if len(children) >= count else []
