"""The examples send a good submission, which arrives, and a bad one, whose refusal they show."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aio_pika
import aiohttp
import pytest

from hub.sandbox.world import World
from tests.docs.pages import ROOT

EXAMPLES = ROOT / "docs" / "examples"
DOCUMENT = "3f0c2f0a-6f1b-4b0e-9a55-0d6d5c1f2a01=passport.pdf"
REFUSALS = "portal.refusals"
SENTENCE = "details.person.family_name"
JARS = [
    Path("/usr/share/java", jar) for jar in ("amqp-client.jar", "slf4j-api.jar", "slf4j-nop.jar")
]

needs_java = pytest.mark.skipif(not shutil.which("javac"), reason="there is no JDK")
needs_client = pytest.mark.skipif(
    not all(jar.exists() for jar in JARS), reason="there is no librabbitmq-client-java"
)

PYTHON = [sys.executable, "send.py"]
JAVA = ["java", "Send.java"]
JAVA_AMQP = ["java", "-cp", ":".join(map(str, JARS)), "SendAmqp.java"]
OVER_HTTP = [
    pytest.param(["./send.sh"], id="shell"),
    pytest.param(JAVA, id="java", marks=needs_java),
]
OVER_AMQP = [
    pytest.param(PYTHON, [], id="python"),
    pytest.param(JAVA_AMQP, ["passport.pdf"], id="java", marks=[needs_java, needs_client]),
]


class Desk:
    """A folder with the examples, and where they send to."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self.folder = shutil.copytree(EXAMPLES, folder)
        self.id = str(uuid4())

    def message(self, name: str) -> str:
        """The name of that example's file, under an id of this test's own."""
        message = json.loads((self.folder / name).read_text("utf-8"))
        (self.folder / name).write_text(json.dumps({**message, "id": self.id}), "utf-8")
        return name

    async def run(self, *command: str) -> tuple[int | None, str]:
        world = self._world
        here = {
            "DOORS": world.hub_url,
            "TOKEN_FILE": str(world.folder / "service.token"),
            "AMQP_URL": world.amqp_url,
            "REFUSALS": REFUSALS,
        }
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder, env={**os.environ, **here}, stdout=PIPE, stderr=STDOUT
        )
        async with asyncio.timeout(200):
            printed, _ = await process.communicate()
        return process.returncode, printed.decode()

    async def until_accepted(self) -> None:
        """Until the hub says so; then it stands in the book of a simulated system, once."""
        token = (self._world.folder / "service.token").read_text("utf-8")
        headers = {"Authorization": f"Bearer {token}"}
        where = f"{self._world.hub_url}/submissions/{self.id}"
        async with aiohttp.ClientSession(headers=headers) as client, asyncio.timeout(60):
            state = None
            while state != "accepted":
                await asyncio.sleep(0.05)
                async with client.get(where) as answer:
                    state = (await answer.json()).get("state")
            books = [await (await client.get(url)).text() for url in self._world.book_urls]
        assert sum(self.id in book for book in books) == 1


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "examples")


@pytest.fixture
async def refusals(world: World) -> AsyncIterator[None]:
    """As the export of definitions makes it for the user of an online service."""
    async with await aio_pika.connect(world.amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(REFUSALS, "topic", durable=True)
        queue = await channel.declare_queue(REFUSALS, durable=True)
        await queue.bind(exchange, "#")
        yield
        await queue.delete(if_unused=False, if_empty=False)


@pytest.mark.parametrize("example", OVER_HTTP)
async def test_over_http(desk: Desk, example: list[str]) -> None:
    message = desk.message("application.json")
    for _ in range(2):  # the same id again is the same submission
        code, printed = await desk.run(*example, message, DOCUMENT)
        assert code == 0, printed
        assert desk.id in printed
    await desk.until_accepted()


@pytest.mark.parametrize("example", OVER_HTTP)
async def test_over_http_a_bad_one_is_refused(desk: Desk, example: list[str]) -> None:
    code, printed = await desk.run(*example, desk.message("incomplete.json"))
    assert code != 0
    assert SENTENCE in printed
    assert "is missing" in printed


@pytest.mark.parametrize(("example", "documents"), OVER_AMQP)
async def test_over_amqp(
    desk: Desk, refusals: None, example: list[str], documents: list[str]
) -> None:
    code, printed = await desk.run(*example, desk.message("application.json"), *documents)
    assert (code, printed) == (0, f"{desk.id} is confirmed\n")
    await desk.until_accepted()


@pytest.mark.parametrize(("example", "documents"), OVER_AMQP)
async def test_over_amqp_a_bad_one_is_refused(
    desk: Desk, refusals: None, example: list[str], documents: list[str]
) -> None:
    code, printed = await desk.run(*example, desk.message("incomplete.json"))
    assert code == 0, printed  # the broker has it; that it is bad is told later
    code, printed = await desk.run(*example)
    assert code == 0, printed
    assert desk.id in printed
    assert SENTENCE in printed
