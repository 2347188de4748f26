"""Hub and broker prove who they are to each other, on a real node; else nothing is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aio_pika
import pytest

from hub.broker import DELIVERIES, Broker, delivery_queue, topology
from hub.model.failure import PermanentFailure
from hub.tls import Contexts, TlsFiles
from tests.identities.conftest import TlsNode, trouble
from tests.transport.certificates import CertificateAuthority, server_context

SMALL = topology(["001900"], [])
QUEUE = delivery_queue("001900")


@asynccontextmanager
async def a_broker(url: str, tls: TlsFiles) -> AsyncIterator[Broker]:
    broker = Broker([url], name="test", tls=tls)
    broker.on_connected.append(partial(broker.declare, SMALL))
    async with asyncio.timeout(30), broker:
        yield broker


async def user_of_a_message(broker: Broker, url: str) -> str | None:
    """Under which name the broker saw what this one published."""
    await broker.publisher.publish(DELIVERIES, "001900", b"{}", type="reference")
    async with await aio_pika.connect(url) as connection:
        queue = await (await connection.channel()).get_queue(QUEUE)
        return (await queue.get(no_ack=True)).user_id


async def test_a_broker_that_proves_its_name_is_spoken_to(tls_node: TlsNode) -> None:
    async with a_broker(tls_node.url(), tls_node.trusting) as broker:
        assert await user_of_a_message(broker, tls_node.node.url) == "guest"


async def test_a_certificate_is_the_hubs_identity_and_needs_no_password(
    tls_node: TlsNode,
) -> None:
    await tls_node.node.user("by-certificate", "not used", ".*", ".*", ".*")
    async with a_broker(tls_node.url("by-certificate"), tls_node.as_("by-certificate")) as broker:
        assert broker.users == {"by-certificate"}
        assert await user_of_a_message(broker, tls_node.node.url) == "by-certificate"


async def test_a_certificate_beside_a_password_is_only_shown(tls_node: TlsNode) -> None:
    async with a_broker(tls_node.url(), tls_node.as_("nobody")) as broker:
        assert await user_of_a_message(broker, tls_node.node.url) == "guest"


async def test_a_broker_certified_by_a_stranger_is_told_nothing(
    tls_node: TlsNode, tmp_path: Path
) -> None:
    stranger = CertificateAuthority(tmp_path, "stranger")
    said = await trouble(tls_node.url(), TlsFiles(stranger.certificate))
    assert "HUB_AMQP_CA_FILE has to name who issued it" in said
    assert "HUB_AMQP_CA_FILE" in await trouble(tls_node.url(), TlsFiles())


async def test_a_broker_with_another_name_is_told_nothing(tls_node: TlsNode) -> None:
    said = await trouble(tls_node.url(host="127.0.0.1"), tls_node.trusting)
    assert "for another name: HUB_AMQP_URL has to name a host that stands in it" in said


async def test_an_expired_broker_is_told_nothing(tmp_path: Path) -> None:
    ca, heard = CertificateAuthority(tmp_path), bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read())
        writer.close()

    expired = server_context(ca.identity("rabbitmq", expired=True))
    async with await asyncio.start_server(listen, "127.0.0.1", 0, ssl=expired) as server:
        port = server.sockets[0].getsockname()[1]
        said = await trouble(f"amqps://hub:geheim@127.0.0.1:{port}/", TlsFiles(ca.certificate))
    assert said == "RabbitMQ shows a certificate that has expired: renew it there."
    assert not heard


@pytest.mark.parametrize(
    ("who", "name"), [("guest:wrong", None), ("guest", "nobody"), ("guest:wrong", "guest")]
)
async def test_a_hub_that_proves_nothing_is_told_where_to_look(
    tls_node: TlsNode, who: str, name: str | None
) -> None:
    tls = tls_node.trusting if name is None else tls_node.as_(name)
    said = await trouble(tls_node.url(who), tls)
    assert "does not accept who the hub says it is" in said
    assert "wrong" not in said


async def test_a_certificate_that_the_broker_does_not_trust_is_said(
    tls_node: TlsNode, tmp_path: Path
) -> None:
    stranger = CertificateAuthority(tmp_path, "stranger").identity("guest")
    tls = TlsFiles(tls_node.ca.certificate, stranger.certificate, stranger.key)
    assert "HUB_AMQP_CERTIFICATE_FILE" in await trouble(tls_node.url("guest"), tls)


async def test_a_port_that_speaks_otherwise_is_said(tls_node: TlsNode) -> None:
    plain = tls_node.node.url.replace("amqp:", "amqps:").replace("127.0.0.1", "localhost")
    assert "port of HUB_AMQP_URL" in await trouble(plain, tls_node.trusting)
    encrypted = tls_node.url(host="127.0.0.1").replace("amqps:", "amqp:")
    assert "one for amqp:// or for amqps://" in await trouble(encrypted, tls_node.trusting)


async def test_a_vhost_that_is_not_there_is_said(tls_node: TlsNode) -> None:
    assert "no such vhost" in await trouble(tls_node.url(path="none"), tls_node.trusting)


async def test_files_that_are_wrong_stop_the_hub_at_its_start(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    for file in (nonsense, tmp_path / "absent.pem"):
        tls = TlsFiles(file, setting="HUB_AMQP_…_FILE")
        with pytest.raises(PermanentFailure, match=f"HUB_AMQP_…_FILE: .*{file.name}"):
            await Broker(["amqps://localhost/"], name="test", tls=tls).__aenter__()


async def test_a_renewed_certificate_is_shown_with_the_next_connection(
    tls_node: TlsNode, tmp_path: Path
) -> None:
    await tls_node.node.user("renewing", "not used", ".*", ".*", ".*")
    files = tls_node.as_("renewing")
    stranger = CertificateAuthority(tmp_path, "stranger").identity("renewing")
    assert files.certificate is not None
    assert files.key is not None
    good = files.certificate.read_bytes(), files.key.read_bytes()
    files.certificate.write_bytes(stranger.certificate.read_bytes())
    files.key.write_bytes(stranger.key.read_bytes())
    broker = Broker([tls_node.url("renewing")], name="test", tls=files)
    entering = asyncio.create_task(broker.__aenter__())
    async with asyncio.timeout(30):
        while broker.trouble is None:  # noqa: ASYNC110 - the supervisor tells nobody
            await asyncio.sleep(0.01)
        files.certificate.write_bytes(good[0])
        files.key.write_bytes(good[1])
        await entering
        await broker.wait_ready()
    await broker.__aexit__(None, None, None)


def test_old_versions_of_tls_are_not_spoken() -> None:
    assert Contexts().of(TlsFiles()).minimum_version == ssl.TLSVersion.TLSv1_2
