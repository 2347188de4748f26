"""Doors that speak TLS: who shows a certificate comes in as what the file of access says of it."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from structlog.typing import EventDict

from hub.model.failure import PermanentFailure
from hub.store import acts
from hub.tls import TlsFiles
from hub.web.building import build
from hub.web.server import serving
from tests.transport.certificates import CertificateAuthority, Identity
from tests.web.given import AUTHORITY, TOKENS, AHub, a_document

XML = {"Content-Type": "application/xml"}


def fingerprint(identity: Identity) -> str:
    """As `openssl x509 -noout -fingerprint -sha256` shows it."""
    shown = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    digest = hashlib.sha256(shown.public_bytes(Encoding.DER)).hexdigest().upper()
    return ":".join(re.findall("..", digest))


@pytest.fixture
def ca(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path)


@pytest.fixture
def system(ca: CertificateAuthority) -> Identity:
    return ca.identity("system")


@pytest.fixture
def portal(ca: CertificateAuthority) -> Identity:
    return ca.identity("portal")


@pytest.fixture
def files(ca: CertificateAuthority) -> TlsFiles:
    doors = ca.identity("doors")
    return TlsFiles(ca.certificate, doors.certificate, doors.key)


@pytest.fixture
def hub(hub: AHub, system: Identity, portal: Identity) -> AHub:
    path = hub.settings.access
    path.write_text(
        path.read_text()
        + "certificates:\n"
        + f'  - {{name: vendor, sha256: "{fingerprint(system)}", authorities: ["{AUTHORITY}"]}}\n'
        + f'  - {{name: portal, sha256: "{fingerprint(portal)}", senders: ["alp:000001"]}}\n'
    )
    return replace(hub)


@pytest.fixture
async def port(hub: AHub, files: TlsFiles) -> AsyncIterator[int]:
    async with serving(build(hub), "127.0.0.1", 0, files) as port:
        yield port


@asynccontextmanager
async def a_client(
    port: int, ca: CertificateAuthority, identity: Identity | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    context = ssl.create_default_context(cafile=ca.certificate)
    if identity is not None:
        context.load_cert_chain(identity.certificate, identity.key)
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(f"https://127.0.0.1:{port}", connector=connector) as client:
        yield client


async def test_a_system_brings_updates_with_its_certificate_and_no_token(
    port: int, ca: CertificateAuthority, system: Identity, hub: AHub
) -> None:
    async with a_client(port, ca, system) as client:
        async with client.post(f"/returns/{AUTHORITY}", data=a_document(), headers=XML) as answer:
            assert answer.status == 202
        async with client.post("/returns/000900", data=a_document(), headers=XML) as answer:
            assert answer.status == 403
            assert "This certificate does not speak" in (await answer.json())["detail"]
    [audited] = await hub.store.read(acts)
    assert (audited.act.actor, audited.act.subject) == ("certificate:vendor", "000900")


async def test_a_service_puts_documents_with_its_certificate(
    port: int, ca: CertificateAuthority, portal: Identity
) -> None:
    body = b"%PDF-1.7 test"
    path = f"/documents/{hashlib.sha256(body).hexdigest()}"
    async with a_client(port, ca, portal) as client:
        async with client.put(path, data=body) as answer:
            assert answer.status == 201
        async with client.put(f"{path}?sender=alp:000002", data=body) as answer:
            assert answer.status == 403


async def test_a_certificate_opens_nothing_of_the_console_or_the_api(
    port: int, ca: CertificateAuthority, system: Identity
) -> None:
    async with a_client(port, ca, system) as client:
        async with client.get("/api/v1/status") as answer:
            assert answer.status == 401
        async with client.get("/metrics") as answer:
            assert answer.status == 401
        async with client.get("/console", allow_redirects=False) as answer:
            assert answer.headers["Location"].startswith("/sign-in")


async def test_a_certificate_that_is_not_entered_opens_nothing_and_a_token_still_does(
    port: int, ca: CertificateAuthority
) -> None:
    for identity in (ca.identity("stranger"), None):
        async with a_client(port, ca, identity) as client:
            where = f"/returns/{AUTHORITY}"
            async with client.post(where, data=a_document(), headers=XML) as answer:
                assert answer.status == 401
            token = {"Authorization": f"Bearer {TOKENS['system']}"}
            async with client.post(where, data=a_document(), headers=XML | token) as answer:
                assert answer.status == 202


async def test_a_wrong_token_is_wrong_also_beside_a_known_certificate(
    port: int, ca: CertificateAuthority, system: Identity
) -> None:
    wrong = XML | {"Authorization": "Bearer wrong"}
    async with (
        a_client(port, ca, system) as client,
        client.post(f"/returns/{AUTHORITY}", data=a_document(), headers=wrong) as answer,
    ):
        assert answer.status == 401


async def test_what_a_header_says_of_a_certificate_is_not_believed(
    port: int, ca: CertificateAuthority, system: Identity
) -> None:
    told = fingerprint(system).replace(":", "").lower()
    names = ("X-Forwarded-Client-Cert", "X-SSL-Client-Fingerprint", "peer_sha256", "Client-Cert")
    headers = XML | dict.fromkeys(names, told)
    async with (
        a_client(port, ca) as client,
        client.post(f"/returns/{AUTHORITY}", data=a_document(), headers=headers) as answer,
    ):
        assert answer.status == 401


async def test_a_certificate_of_a_foreign_issuer_ends_the_connection(
    port: int, ca: CertificateAuthority, system: Identity, tmp_path: Path
) -> None:
    (tmp_path / "foreign").mkdir()
    foreign = CertificateAuthority(tmp_path / "foreign").identity("system")
    expired = ca.identity("late", expired=True)
    for identity in (foreign, expired):
        async with a_client(port, ca, identity) as client:
            with pytest.raises(aiohttp.ClientError):
                await client.get("/health/live")
    async with a_client(port, ca, system) as client, client.get("/health/live") as answer:
        assert answer.status == 200


async def test_a_certificate_without_an_issuer_may_be_trusted_itself(
    hub: AHub, ca: CertificateAuthority, files: TlsFiles, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    alone = CertificateAuthority(tmp_path / "own").identity("system")
    hub.settings.access.write_text(
        f'certificates: [{{name: v, sha256: "{fingerprint(alone)}", authorities: ["{AUTHORITY}"]}}]'
    )
    trusting = replace(files, ca=alone.certificate)
    async with (
        serving(build(hub), "127.0.0.1", 0, trusting) as port,
        a_client(port, ca, alone) as client,
        client.post(f"/returns/{AUTHORITY}", data=a_document(), headers=XML) as answer,
    ):
        assert answer.status == 202


async def test_a_certificate_taken_out_of_the_file_opens_nothing_more(
    port: int, ca: CertificateAuthority, system: Identity, hub: AHub
) -> None:
    async with a_client(port, ca, system) as client:
        hub.settings.access.write_text("tokens: []\n")
        where = f"/returns/{AUTHORITY}"
        async with client.post(where, data=a_document(), headers=XML) as answer:
            assert answer.status == 401


async def test_a_renewed_certificate_is_shown_without_a_restart(
    port: int, ca: CertificateAuthority, files: TlsFiles, tmp_path: Path
) -> None:
    before = await shown(port, ca)
    assert files.certificate is not None
    assert files.key is not None
    with capture_logs() as logs:
        files.key.write_text("nonsense")  # as in the middle of being replaced: the old one goes on
        await until(logs, "doors.certificate_wrong")
        assert await shown(port, ca) == before
        new = ca.identity("renewed")
        files.certificate.write_bytes(new.certificate.read_bytes())
        files.key.write_bytes(new.key.read_bytes())
        await until(logs, "doors.certificate_renewed")
    after = await shown(port, ca)
    assert after == x509.load_pem_x509_certificate(new.certificate.read_bytes()).serial_number


async def until(logs: list[EventDict], event: str) -> None:
    async with asyncio.timeout(30):
        while event not in [each["event"] for each in logs]:  # noqa: ASYNC110 - a log is no event
            await asyncio.sleep(0.01)


async def shown(port: int, ca: CertificateAuthority) -> int:
    """Serial number of the doors' certificate."""
    context = ssl.create_default_context(cafile=ca.certificate)
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return x509.load_der_x509_certificate(der).serial_number


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_versions_of_tls_and_no_tls_at_all_get_no_answer(port: int) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", port, ssl=old)
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(f"http://127.0.0.1:{port}/health/live")


async def test_browsers_are_told_to_come_by_https_only_where_there_is_tls(
    port: int, ca: CertificateAuthority, hub: AHub
) -> None:
    header = "Strict-Transport-Security"
    async with a_client(port, ca) as client, client.get("/sign-in/") as answer:
        assert answer.headers[header] == "max-age=31536000"
    async with (
        serving(build(hub), "127.0.0.1", 0) as plain,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{plain}/sign-in/") as answer,
    ):
        assert header not in answer.headers


async def test_a_wrong_key_keeps_the_doors_from_opening(hub: AHub, files: TlsFiles) -> None:
    assert files.key is not None
    files.key.write_text("nonsense")
    with pytest.raises(PermanentFailure, match="or its key is another one"):
        async with serving(build(hub), "127.0.0.1", 0, files):
            pass
