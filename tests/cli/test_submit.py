import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractQueue
from aiohttp import web

from hub.cli import opened, submit
from hub.model.downward import downward
from tests.cli.conftest import Hub, Outcome
from tests.model.builders import Json, a_document, reply_json, submission_json

BIG = b"%PDF-1.7 " + b"x" * submit.LARGEST_INLINE


@pytest.fixture
async def intake(amqp_url: str) -> AsyncIterator[AbstractQueue]:
    """What a hub has declared: the exchange of submissions and the queue behind it."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("hub.submissions", "topic", durable=True)
        queue = await channel.declare_queue("hub.intake", durable=True)
        await queue.bind(exchange, "#")
        yield queue


Take = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def door(take: Take) -> AsyncIterator[str]:
    """The hub's door for documents, with `take` behind it."""
    app = web.Application(client_max_size=len(BIG) * 2)
    app.router.add_put("/documents/{sha256}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def written(folder: Path, name: str, message: Json) -> Path:
    file = folder / name
    file.write_text(json.dumps(message), "utf-8")
    return file


async def sent(hub: Hub, url: str, *arguments: object) -> Outcome:
    return await asyncio.to_thread(hub, "submit", "--amqp-url", url, *arguments)


async def test_a_submission_arrives_as_the_public_contract_says(
    hub: Hub, intake: AbstractQueue, amqp_url: str, tmp_path: Path
) -> None:
    (tmp_path / "passport.pdf").write_bytes(b"%PDF-1.7 passport")
    listed = [{"id": a_document()["id"], "file_name": "passport.pdf"}]
    message = submission_json("family", documents=listed)
    outcome = await sent(hub, amqp_url, written(tmp_path, "one.json", message))
    assert (outcome.code, outcome.err) == (0, "")
    assert f"`hub journey {message['id']}`" in outcome.out

    arrived = await intake.get(no_ack=True)
    assert arrived.routing_key == "family.990001"
    assert (arrived.type, arrived.content_type) == ("submission", "application/json")
    assert arrived.correlation_id == message["id"]
    assert downward.validate_json(arrived.body).documents[0].content == b"%PDF-1.7 passport"


async def test_a_reply_names_the_journey_of_its_case(
    hub: Hub, intake: AbstractQueue, amqp_url: str, tmp_path: Path
) -> None:
    message = reply_json()
    outcome = await sent(hub, amqp_url, written(tmp_path, "reply.json", message))
    assert f"`hub journey {message['case']}`" in outcome.out
    arrived = await intake.get(no_ack=True)
    assert (arrived.type, arrived.routing_key) == ("reply", "reply.unknown")


async def test_nothing_is_sent_unless_all_is_right(
    hub: Hub, intake: AbstractQueue, amqp_url: str, tmp_path: Path
) -> None:
    right = written(tmp_path, "right.json", submission_json())
    wrong = written(tmp_path, "wrong.json", submission_json(language="xx"))
    outcome = await sent(hub, amqp_url, right, wrong)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"{wrong}: language: must be 'de', 'en'")
    assert await intake.get(fail=False) is None


async def test_documents_that_are_too_large_are_put_to_the_hub_first(
    hub: Hub, intake: AbstractQueue, amqp_url: str, tmp_path: Path
) -> None:
    put: dict[str, int] = {}

    async def take(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        put[request.match_info["sha256"]] = len(await request.read())
        return web.Response(status=201)

    document = a_document(BIG)
    file = written(tmp_path, "big.json", submission_json(documents=[document]))
    (tmp_path / "token").write_text("secret\n")
    async with door(take) as url:
        doors = ("--hub-url", url, "--token-file", tmp_path / "token")
        outcome = await sent(hub, amqp_url, file, *doors)
    assert outcome.err == ""
    assert put == {document["sha256"]: len(BIG)}
    arrived = downward.validate_json((await intake.get(no_ack=True)).body)
    assert [each.content for each in arrived.documents] == [None]


async def test_a_door_that_does_not_take_a_document_stops_the_submission(
    hub: Hub, intake: AbstractQueue, amqp_url: str, tmp_path: Path
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=401)

    document = a_document(BIG)
    file = written(tmp_path, "big.json", submission_json(documents=[document]))
    (tmp_path / "token").write_text("wrong")
    without = await sent(hub, amqp_url, file)
    assert "give --hub-url and --token-file" in without.err
    async with door(refuse) as url:
        doors = ("--hub-url", url, "--token-file", tmp_path / "token")
        outcome = await sent(hub, amqp_url, file, *doors)
    assert outcome.err == f"{url} does not take document {document['id']}: HTTP 401\n"
    gone = await sent(hub, amqp_url, file, *doors)
    assert gone.err.startswith(f"{url} cannot be reached to put documents")
    assert await intake.get(fail=False) is None


async def test_a_broker_that_is_away_is_a_sentence(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "CONNECT_SECONDS", 0.3)
    file = written(tmp_path, "one.json", submission_json())
    outcome = await sent(hub, "amqp://guest:guest@127.0.0.1:1/", file)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("RabbitMQ cannot be reached (ConnectionRefusedError): are host")
    elsewhere = await sent(hub, "amqp://hub:geheim@rabbit.example/", file)
    assert elsewhere.err.startswith("HUB_AMQP_URL: this must not travel unencrypted")
    assert "geheim" not in elsewhere.err
