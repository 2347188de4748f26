"""After a demo, nothing but sealed content names an applicant (DESIGN 3, guarantee 5).

Scanned: what every process wrote to its log, the metrics, the whole store as its file lies on
disk and every text in it, the documents' folder, and each message with which the hub's own
stages call each other. The far ends' own files hold what was sent to them, and are theirs.
"""

import asyncio
import base64
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aio_pika
import aiohttp
import pytest

from hub.broker import DEAD, DELIVERIES, MAILBOX, SUBMISSIONS, Broker
from hub.sandbox.applicants import Applicants, answer
from hub.sandbox.destinations import destinations
from hub.sandbox.observer import Observer
from hub.sandbox.play import Play
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.samples import Sample, samples
from hub.sandbox.world import World, running_world
from hub.store import Sealer, Store, dead_letters, open_store
from tests.builders import a_submission
from tests.sandbox.scanning import Scanner, private_values
from tests.way.conftest import until

COUNT = 6
VIEWER = "token of a viewer"


@pytest.mark.parametrize(
    "guise",
    [
        lambda name: name.encode(),
        lambda name: b"x=" + base64.b64encode(b"<name>" + name.encode() + b"</name>"),
        lambda name: base64.b64encode(b"1" + name.encode() + b"2"),
        lambda name: base64.urlsafe_b64encode(b"22" + name.encode() + b"?>"),
        lambda name: b"/search?q=" + quote(name).encode(),
        lambda name: json.dumps({"name": name}).encode(),
        lambda name: name.encode("ascii", "xmlcharrefreplace"),
    ],
)
def test_what_is_planted_is_found(guise: Any) -> None:
    submission = a_submission()
    name = submission.details.person.family_name.text
    scanner = Scanner(private_values(submission))
    assert name in scanner.found_in(b"\x00" * 100 + guise(name) + b"\xff" * 100)
    assert scanner.found_in(b"\x00" * 200 + name.lower().encode()) == []


def test_a_document_is_known_by_a_piece_of_it() -> None:
    submission = a_submission(documents=1)
    content = submission.documents[0].content
    assert content is not None
    scanner = Scanner(private_values(submission))
    assert scanner.found_in(b"..." + content[len(content) // 3 :])
    assert scanner.found_in(base64.b64encode(content))


@pytest.fixture
async def world(
    tmp_path: Path, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setenv("HUB_AMQP_URL", amqp_url)
    async with running_world(tmp_path) as world:
        yield world


@asynccontextmanager
async def tapped(world: World) -> AsyncIterator[dict[str, list[bytes]]]:
    """A copy of each message of the hub's inner exchanges, with all that it has around it."""
    copies: dict[str, list[bytes]] = {DELIVERIES: [], MAILBOX: [], DEAD: []}

    async def keep(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        around = json.dumps(message.info(), default=str).encode()
        copies[message.exchange or ""].append(around + message.body)

    async with await aio_pika.connect(world.amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for key in world.routes.authorities:
            await queue.bind(DELIVERIES, key)
        await queue.bind(MAILBOX, "local")
        await queue.bind(DEAD, "")
        await queue.consume(keep, no_ack=True)
        yield copies


async def play(world: World, store: Store, sent: list[Sample]) -> None:
    """All cases, with the hub killed on the way, and then what the hub has to refuse."""
    async with Broker([world.amqp_url], name="applicants") as broker:
        applicants = Applicants(broker.publisher, f"{world.hub_url}/documents", world.token)
        await Play(sent, applicants, Observer(store), world.hub, kills=1).run()
        for bad in spoilt(sent[0]):
            await broker.publisher.publish(SUBMISSIONS, "bad.one", bad, type="submission")
    await until(lambda: dead(store, len(spoilt(sent[0]))))


async def dead(store: Store, count: int) -> bool:
    return len(await store.read(dead_letters)) >= count


def spoilt(sample: Sample) -> list[bytes]:
    """A submission as it may come from a service that has a fault."""
    whole: dict[str, Any] = json.loads(sample.submission.model_dump_json())
    person = whole["details"]["person"]
    name = person["family_name"]["text"]
    changes: list[dict[str, Any]] = [
        {"family_name": {"text": f"{name} \u4e2d"}},
        {"family_name": name},
        {f"field of {name}": "unknown"},
        {"gender": name},
        {"birth": {**person["birth"], "day": "1970-13-01"}},
    ]
    texts = [
        json.dumps({**whole, "details": {**whole["details"], "person": person | change}})
        for change in changes
    ]
    texts.append(json.dumps({**whole, "authority": "009999", "place": None}))
    texts.append(json.dumps(whole)[:-40])
    return [text.encode() for text in texts]


async def metrics(world: World) -> bytes:
    """As Prometheus would ask for them, as somebody with a token."""
    path = world.folder / "access.yaml"
    access = json.loads(path.read_text("utf-8"))
    sha256 = hashlib.sha256(VIEWER.encode()).hexdigest()
    access["tokens"].append({"name": "prometheus", "sha256": sha256, "role": "viewer"})
    path.write_text(json.dumps(access), "utf-8")
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {VIEWER}"}) as client,
        client.get(f"{world.hub_url}/metrics") as response,
    ):
        assert response.status == 200
        return await response.read()


def texts_of_the_store(path: Path) -> dict[str, bytes]:
    """Each table with all that is not sealed, row by row: on disk a row may be in two pieces."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            f"table {name}": "\n".join(
                "\t".join(str(each) for each in row if not isinstance(each, bytes))
                for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - its own table
            ).encode()
            for (name,) in tables.fetchall()
        }


def files(folder: Path, pattern: str) -> dict[str, bytes]:
    paths = [path for path in folder.rglob(pattern) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.timeout(400)
async def test_nothing_but_sealed_content_names_an_applicant(
    world: World, rabbitmq: PrivateRabbitMQ
) -> None:
    sent = samples(destinations(world.routes, datetime.now(UTC).date()), COUNT)
    sealer = Sealer.from_text(world.content_key)
    async with (
        tapped(world) as copies,
        open_store(world.store_url, world.documents, sealer) as store,
    ):
        await play(world, store, sent)
        letters = [
            (sample, letter)
            for sample in sent
            for letter in await Observer(store).letters(sample.case)
        ]
    replies = [reply for sample, letter in letters if (reply := answer(sample, letter))]
    places = {
        **files(world.folder, "*.log"),
        **files(rabbitmq.folder, "*.log"),
        **files(world.folder, "hub.db*"),
        **files(world.documents, "*"),
        **await asyncio.to_thread(texts_of_the_store, world.folder / "hub.db"),
        **{f"exchange {name}": b"\n".join(each) for name, each in copies.items()},
        "metrics": await metrics(world),
    }
    assert all(copies[name] for name in (DELIVERIES, MAILBOX))
    assert {"hub.log", "hub.db", "hub.db-wal", "table events", "table acts"} <= places.keys()

    said = [*(sample.submission for sample in sent), *replies]
    scanner = Scanner(value for message in said for value in private_values(message))
    found = await asyncio.to_thread(lambda: {n: scanner.found_in(b) for n, b in places.items()})
    assert {name: values for name, values in found.items() if values} == {}
