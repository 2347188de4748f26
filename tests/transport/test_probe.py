"""How far each transport gets without delivering, and what it says where that is not far enough."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import pytest
from aiohttp import web

from hub.broker import Broker
from hub.model.failure import EndpointDown, TransientFailure
from hub.routing import Endpoint, Limits
from hub.transport import Transport
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp.transport import SftpTransport
from hub.transport.soap import SoapTransport
from tests.transport.certificates import CertificateAuthority, server_context
from tests.transport.contract import changed
from tests.transport.far_ends import an_endpoint
from tests.transport.sftp_far_end import SftpFarEnd

TOKEN = "the-token"


@pytest.fixture(params=[HttpTransport, SoapTransport])
async def transport(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Transport]:
    monkeypatch.setenv("NORD_TOKEN", TOKEN)
    transport = request.param()
    yield transport
    await transport.close()


Answer = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def a_system(answer: Answer) -> AsyncIterator[tuple[Endpoint, list[str]]]:
    """Where it is, and the methods by which it was asked."""
    asked: list[str] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(request.method)
        assert await request.read() == b""
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/here", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield an_endpoint(f"http://127.0.0.1:{runner.addresses[0][1]}/here"), asked
    finally:
        await runner.cleanup()


def answering(status: int) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    return answer


async def only_with_the_token(request: web.Request) -> web.Response:
    known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
    return web.Response(status=405 if known else 401)


async def test_nothing_is_delivered(transport: Transport) -> None:
    async with a_system(answering(204)) as (endpoint, asked):
        await transport.probe(changed(endpoint, token_env="NORD_TOKEN"))
    assert set(asked) == {"OPTIONS"}


async def test_a_token_is_proven_where_nobody_comes_without_one(transport: Transport) -> None:
    async with a_system(only_with_the_token) as (endpoint, _):
        said = await transport.probe(changed(endpoint, token_env="NORD_TOKEN"))
    assert said == "reached; it takes the hub's token, and nobody without one"


@pytest.mark.parametrize("status", [200, 204, 400, 405, 422, 501])
async def test_where_anybody_is_answered_the_token_stays_unproven(
    transport: Transport, status: int
) -> None:
    async with a_system(answering(status)) as (endpoint, _):
        said = await transport.probe(changed(endpoint, token_env="NORD_TOKEN"))
        assert said == "reached; only a delivery would show whether it takes the hub's token"
        assert await transport.probe(endpoint) == "reached; it is given no token"


@pytest.mark.parametrize(
    ("status", "word"),
    [(301, "moved"), (401, "credentials"), (403, "denies"), (404, "no such address")],
)
async def test_an_address_that_is_wrong_is_said(
    transport: Transport, status: int, word: str
) -> None:
    async with a_system(answering(status)) as (endpoint, _):
        with pytest.raises(EndpointDown, match=word):
            await transport.probe(endpoint)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_system_that_fails_is_said(transport: Transport, status: int) -> None:
    async with a_system(answering(status)) as (endpoint, _):
        with pytest.raises((TransientFailure, EndpointDown)):
            await transport.probe(endpoint)


async def test_nobody_there_is_said(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(EndpointDown, match="cannot be reached"):
        await transport.probe(an_endpoint(f"http://127.0.0.1:{port}/here"))


async def test_settings_and_secrets_that_are_missing_are_said(transport: Transport) -> None:
    with pytest.raises(EndpointDown, match="NO_SUCH_VARIABLE"):
        await transport.probe(an_endpoint("http://127.0.0.1:9/", token_env="NO_SUCH_VARIABLE"))
    with pytest.raises(EndpointDown, match="endpoint has no tokn_env"):
        await transport.probe(an_endpoint("http://127.0.0.1:9/", tokn_env="A"))


async def test_a_certificate_that_the_hub_does_not_trust_is_said(
    transport: Transport, tmp_path: Path
) -> None:
    async def taken(_: web.Request) -> web.Response:
        return web.Response()

    known, unknown = (CertificateAuthority(tmp_path, name) for name in ("known", "unknown"))
    app = web.Application()
    app.router.add_route("*", "/here", taken)
    runner = web.AppRunner(app)
    await runner.setup()
    context = server_context(known.identity("system"))
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    endpoint = an_endpoint(f"https://127.0.0.1:{runner.addresses[0][1]}/here")
    try:
        said = await transport.probe(changed(endpoint, ca_file=str(known.certificate)))
        assert said.startswith("reached")
        with pytest.raises(EndpointDown, match="certificate the hub does not trust"):
            await transport.probe(changed(endpoint, ca_file=str(unknown.certificate)))
    finally:
        await runner.cleanup()


@pytest.fixture
async def sftp() -> AsyncIterator[SftpTransport]:
    transport = SftpTransport()
    yield transport
    await transport.close()


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[SftpFarEnd]:
    far_end = SftpFarEnd(tmp_path)
    await far_end.start()
    yield far_end
    await far_end.go_away()


async def test_folders_are_looked_at_and_nothing_is_written(
    sftp: SftpTransport, files: SftpFarEnd
) -> None:
    assert await sftp.probe(files.endpoint) == (
        "logged in; inbox, outbox and done are there and may be written"
    )
    assert files.asked == []
    assert not any(path.is_file() for path in files.root.rglob("*"))


def closed(folder: Path) -> None:
    folder.chmod(0o555)


def a_file(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


@pytest.mark.parametrize("name", ["inbox", "outbox", "done"])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (Path.rmdir, "no folder as named by {}"),
        (a_file, "what {} names is no folder"),
        (closed, "nobody may write the folder {}"),
    ],
)
async def test_a_folder_that_is_missing_or_none_or_closed_is_named(
    sftp: SftpTransport,
    files: SftpFarEnd,
    name: str,
    spoil: Callable[[Path], None],
    said: str,
) -> None:
    spoil(getattr(files, name))
    with pytest.raises(EndpointDown, match=said.format(name)):
        await sftp.probe(files.endpoint)


async def test_a_login_that_is_not_accepted_is_said(
    sftp: SftpTransport, files: SftpFarEnd, tmp_path: Path
) -> None:
    stranger = SftpFarEnd(tmp_path / "stranger").keys.client
    with pytest.raises(EndpointDown, match="does not accept the hub's login"):
        await sftp.probe(changed(files.endpoint, key_file=str(stranger)))


IN_QUEUES = Endpoint(
    "spree",
    "amqp",
    "production",
    {"exchange": "spree.in", "routing_key": "990041", "user": "spree"},
    Limits(4, 12),
)


async def test_an_exchange_is_looked_for_and_not_made(amqp_url: str) -> None:
    async with Broker([amqp_url], name="test") as broker:
        transport = AmqpTransport(broker.publisher)
        with pytest.raises(EndpointDown, match=r"System spree has no exchange spree\.in"):
            await transport.probe(IN_QUEUES)
        with pytest.raises(EndpointDown):
            await transport.probe(IN_QUEUES)
        async with await aio_pika.connect(amqp_url) as connection:
            await (await connection.channel()).declare_exchange("spree.in", "direct", durable=True)
        assert await transport.probe(IN_QUEUES) == "the exchange spree.in is there"


async def test_a_broker_that_went_away_is_said(amqp_url: str) -> None:
    async with Broker([amqp_url], name="test") as broker:
        transport = AmqpTransport(broker.publisher)
    with pytest.raises(EndpointDown, match="broker does not answer"):
        await transport.probe(IN_QUEUES)
