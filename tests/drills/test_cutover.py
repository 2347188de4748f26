"""A cut-over walked through, from the day on which a new format arrives until the old one is gone.

A whole hub on a real broker and real SFTP; the clock is the one thing that is bent, and it only
goes forward. In which format something came is what the simulated system understood of it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub.app import running
from hub.broker import Broker
from hub.cli import main
from hub.model.downward import Submission
from hub.sandbox import alster_desk
from hub.sandbox.alster import build
from hub.sandbox.alster_reading import unpack
from hub.sandbox.alster_updates import write_update
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from hub.settings import Settings
from hub.store import DeadLetter, Pause, dead_letters, end_pause, pause
from tests.builders import a_reply, a_submission
from tests.sandbox.serving import serving
from tests.transport.sftp_far_end import SftpFarEnd
from tests.way.conftest import World, until
from tests.way.conftest import settings as settings
from tests.way.system import System

AUTHORITY = "990001"
NEVER_BEFORE = date(2020, 1, 1)
WEEKS = timedelta(weeks=2)
ROUTING = """
systems:
  files: {{adapter: alster, stage: production, transport: sftp, formats: [{formats}],
    endpoint: {{host: 127.0.0.1, port: {port}, user: hub, key_file: "{key}",
      known_hosts_file: "{known_hosts}", inbox: "/{authority}/inbox",
      outbox: "/{authority}/outbox", done: "/{authority}/done"}},
    limits: {{parallel: 4, attempts: 5}}}}
authorities:
  "{authority}":
    {{name: One, regional_keys: ["08111"], system: files, services: all, back_channel: true}}
"""


@dataclass
class Clock:
    """Ahead of the machine's by so much."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def today(self) -> date:
        return self().date()


@dataclass
class Walk:
    """The hub, the system, and what the operator does.

    `understood`: each message that the system took, with its format, as often as it came.
    """

    world: World
    far_end: SftpFarEnd
    clock: Clock
    understood: list[tuple[Incoming, str]]
    capsys: pytest.CaptureFixture[str]

    @property
    def came(self) -> list[tuple[UUID, str]]:
        return [(message.uuid, version) for message, version in self.understood]

    def table(self, **formats: date) -> str:
        keys = self.far_end.keys
        dated = [
            f'{{version: "{name.removeprefix("v")}", from: {since}}}'
            for name, since in formats.items()
        ]
        return ROUTING.format(
            authority=AUTHORITY,
            formats=", ".join(dated),
            port=self.far_end.port,
            key=keys.client,
            known_hosts=keys.known_hosts,
        )

    async def put_in_force(self, text: str) -> None:
        """As an operator does; the hub looks at the file every two seconds."""
        hub = self.world.hub
        before = hub.routes.table
        await asyncio.to_thread(hub.settings.routing.write_text, text)

        async def read() -> bool:
            return hub.routes.table is not before

        await until(read)

    async def hub(self, *command: str) -> tuple[int, str]:
        """A command, at the time that the clock shows."""

        def call() -> int:
            try:
                main(list(command))
            except SystemExit as ended:
                return int(ended.code or 0)
            return 0

        code = await asyncio.to_thread(call)
        return code, self.capsys.readouterr().out

    async def apply(self) -> Submission:
        submission = a_submission(id=uuid4(), application_id=f"AT-{uuid4()}", documents=1)
        await self.world.send(submission)
        return submission

    async def applied(self) -> Submission:
        submission = await self.apply()
        await self.world.until_state(submission, "accepted")
        return submission

    def says(self, answer: Answer, about: Submission, version: str) -> UUID:
        """The system writes to the applicant, in whatever format it still has."""
        [to] = [message for message, _ in self.understood if message.uuid == about.id]
        uuid = uuid4()
        body = write_update(answer, to, version, uuid, self.clock())
        outbox = self.far_end.root / AUTHORITY / "outbox"
        unfinished = outbox / f"{uuid}.tmp"
        unfinished.write_bytes(body)
        unfinished.rename(outbox / f"99999999999999999999-{uuid}.xml")
        return uuid

    async def replay(self, dead: DeadLetter) -> None:
        """In a process of its own, since it listens to signals: at the time that it really is."""
        command = ("hub.cli", "dead", "replay", str(dead.id))
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command)
        assert await process.wait() == 0

    async def hold(self, *, held: bool) -> None:
        now, store = self.clock(), self.world.hub.store
        if held:
            await store.run(lambda c: pause(c, Pause(AUTHORITY, now, "drill", "a drill")))
        else:
            await store.run(lambda c: end_pause(c, AUTHORITY, "drill", now))


@pytest.fixture
async def walk(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Walk]:
    clock, far_end = Clock(), SftpFarEnd(tmp_path / "alster")
    understood: list[tuple[Incoming, str]] = []

    def listening(content: bytes) -> tuple[Incoming, str]:
        understood.append(unpack(content))
        return understood[-1]

    monkeypatch.setattr(alster_desk, "unpack", listening)
    monkeypatch.setattr("hub.app._now", clock)
    for name, value in (
        ("HUB_AMQP_URL", settings.amqp_urls[0]),
        ("HUB_STORE_URL", settings.store_at),
        ("HUB_DOCUMENTS", str(settings.documents)),
        ("HUB_CONTENT_KEY", settings.keys()),
        ("HUB_ROUTING", str(settings.routing)),
    ):
        monkeypatch.setenv(name, value)
    walk = Walk(World.__new__(World), far_end, clock, understood, capsys)
    settings.routing.write_text(walk.table(v3=NEVER_BEFORE))
    app = build(tmp_path / "alster", far_end.keys, far_end.port, [AUTHORITY])
    async with (
        serving(app),
        running(settings) as hub,
        Broker(settings.amqp_urls, name="sender") as sender,
    ):
        await hub.broker.wait_ready()
        walk.world = World(hub, sender, System())
        yield walk


@pytest.mark.timeout(900)
async def test_from_the_new_format_to_the_end_of_the_old_one(walk: Walk, tmp_path: Path) -> None:
    clock, day = walk.clock, walk.clock.today + WEEKS
    long_before = await walk.applied()

    # Weeks before: the new format is installed, and dated in a table that is tried first.
    new = tmp_path / "new.yaml"
    announced = walk.table(v3=NEVER_BEFORE, v4=day)
    await asyncio.to_thread(new.write_text, announced)
    code, changes = await walk.hub("routes", "diff", str(new))
    assert (code, "4" in changes) == (0, True)
    await walk.put_in_force(announced)
    code, calendar = await walk.hub("calendar", "--json")
    [coming] = [each for each in json.loads(calendar) if each["on"] == str(day)]
    [change] = coming["changing"]
    assert (change["before"], change["after"]) == ("3", "4")
    code, rehearsed = await walk.hub("rehearse", "--json")
    assert json.loads(rehearsed)["groups"]
    before = await walk.applied()
    assert walk.came == [(long_before.id, "3"), (before.id, "3")]

    # The day comes while something is owed: it goes in the format that holds when it goes.
    await walk.hold(held=True)
    waiting = await walk.apply()
    await walk.world.until_state(waiting, "owed")
    clock.ahead = WEEKS + timedelta(hours=1)
    await walk.hold(held=False)
    await walk.world.until_state(waiting, "accepted")
    after = await walk.applied()
    assert walk.came[2:] == [(waiting.id, "4"), (after.id, "4")]

    # What the system still writes in the old format is read, and answered in the new one.
    letters = len(await walk.world.letters(before.id))
    question = walk.says(Answer("question"), before, "3")
    await walk.world.until_letters(before.id, letters + 1)
    reply = a_reply(id=uuid4(), case=before.id, answers=question)
    await walk.world.send(reply)
    await walk.world.until_state(reply, "accepted")
    assert walk.came[4:] == [(reply.id, "4")]
    assert await walk.world.hub.store.read(dead_letters) == []

    # Weeks after: nothing is owed that needs it, and the old format is taken out of the table.
    clock.ahead = 2 * WEEKS
    without = walk.table(v4=day)
    await asyncio.to_thread(new.write_text, without)
    code, _ = await walk.hub("rehearse", "--new", str(new), "--on", str(clock.today))
    assert code == 0
    await walk.put_in_force(without)
    last = await walk.applied()
    assert walk.came[5:] == [(last.id, "4")]

    # A straggler in the old format waits for a person, and is read once the old one is back.
    letters = len(await walk.world.letters(after.id))
    walk.says(Answer("status", status="05"), after, "3")
    [dead] = await walk.world.until_dead()
    assert (dead.stage, dead.cause) == ("interpret", "X001")
    assert "unknown root" in dead.sentence
    await walk.put_in_force(announced)
    await walk.replay(dead)
    await walk.world.until_letters(after.id, letters + 1)

    # Every message came once, and everything that came is known for.
    assert len(walk.came) == len({uuid for uuid, _ in walk.came}) == 6
    assert (await walk.world.ledger()).balanced
