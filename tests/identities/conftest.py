"""A private node that speaks TLS and knows clients by their certificates."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.broker import Broker
from hub.sandbox.processes import free_port
from hub.sandbox.rabbitmq import PrivateRabbitMQ, private_rabbitmq
from hub.tls import TlsFiles
from tests.transport.certificates import CertificateAuthority


@dataclass(frozen=True)
class TlsNode:
    """The node, its port for TLS, and who certified it. Its name is localhost and no other."""

    node: PrivateRabbitMQ
    port: int
    ca: CertificateAuthority

    def url(self, who: str = "guest:guest", host: str = "localhost", path: str = "") -> str:
        return f"amqps://{who}@{host}:{self.port}/{path}"

    @property
    def trusting(self) -> TlsFiles:
        return TlsFiles(self.ca.certificate)

    def as_(self, name: str) -> TlsFiles:
        """With a certificate that says this name."""
        identity = self.ca.identity(name)
        return TlsFiles(self.ca.certificate, identity.certificate, identity.key)


def tls_configuration(port: int, ca: CertificateAuthority) -> tuple[str, ...]:
    """As docs/identities.md has it."""
    server = ca.identity("rabbitmq", host="localhost")
    return (
        f"listeners.ssl.1 = 127.0.0.1:{port}",
        f"ssl_options.cacertfile = {ca.certificate}",
        f"ssl_options.certfile = {server.certificate}",
        f"ssl_options.keyfile = {server.key}",
        "ssl_options.verify = verify_peer",
        "ssl_options.fail_if_no_peer_cert = false",
        "ssl_options.versions.1 = tlsv1.3",
        "ssl_options.versions.2 = tlsv1.2",
        "auth_mechanisms.1 = PLAIN",
        "auth_mechanisms.2 = EXTERNAL",
        "ssl_cert_login_from = common_name",
    )


async def trouble(url: str, tls: TlsFiles) -> str:
    """What is said of a broker that is not reached."""
    broker = Broker([url], name="test", tls=tls)
    entering = asyncio.create_task(broker.__aenter__())
    async with asyncio.timeout(30):
        while broker.trouble is None:  # noqa: ASYNC110 - the supervisor tells nobody
            await asyncio.sleep(0.01)
    entering.cancel()
    await asyncio.wait([entering])
    return broker.trouble


@pytest.fixture(scope="session")
async def tls_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TlsNode]:
    folder: Path = tmp_path_factory.mktemp("tls-node")
    ca, port = CertificateAuthority(folder), free_port()
    async with private_rabbitmq(
        folder / "node",
        configuration=tls_configuration(port, ca),
        plugins=("rabbitmq_auth_mechanism_ssl",),
    ) as node:
        yield TlsNode(node, port, ca)
