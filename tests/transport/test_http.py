"""The http transport against servers that behave, and against some that don't."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure, Unreachable
from hub.transport import NO_ANSWER
from hub.transport.http import HttpTransport
from hub.workshop.packed import Packed
from tests.transport.certificates import CertificateAuthority, server_context
from tests.transport.contract import (
    KeptSteps,
    TransportContract,
    a_document_beside,
    a_message,
    a_parcel,
    changed,
)
from tests.transport.far_ends import HttpFarEnd, Speech, an_endpoint, raw_far_end, whole_request


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


@pytest.fixture
async def far_end() -> AsyncIterator[HttpFarEnd]:
    far_end = HttpFarEnd()
    await far_end.start()
    yield far_end
    await far_end.go_away()


class TestHttpKeepsTheContract(TransportContract):
    pass


async def test_a_message_travels_under_its_uuid_with_the_token_of_the_moment(
    transport: HttpTransport, far_end: HttpFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel, endpoint = a_parcel(), changed(far_end.endpoint, token_env="NORD_TOKEN")
    for secret in ("first", "second"):
        monkeypatch.setenv("NORD_TOKEN", secret)
        receipt = await transport.deliver(parcel, endpoint, KeptSteps())
    assert receipt.number == "N-2"
    assert [headers["Authorization"] for headers in far_end.headers] == [
        "Bearer first",
        "Bearer second",
    ]
    for headers in far_end.headers:
        assert headers["Idempotency-Key"] == str(parcel.messages[0].uuid)
        assert headers["Content-Type"] == "application/xml; charset=utf-8"


async def test_the_token_may_lie_in_a_file(
    transport: HttpTransport, far_end: HttpFarEnd, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from-file\n")
    endpoint = changed(far_end.endpoint, token_file=str(tmp_path / "token"))
    await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert far_end.headers[0]["Authorization"] == "Bearer from-file"


async def test_without_its_token_nothing_is_sent(
    transport: HttpTransport, far_end: HttpFarEnd
) -> None:
    endpoint = changed(far_end.endpoint, token_env="NO_SUCH_VARIABLE")
    with pytest.raises(EndpointDown, match="NO_SUCH_VARIABLE"):
        await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert far_end.received == []


async def test_a_redirect_is_not_followed(transport: HttpTransport, far_end: HttpFarEnd) -> None:
    away = web.Response(status=307, headers={"Location": "/here"})
    far_end.answers.append(lambda: away)
    with pytest.raises(EndpointDown, match=r"endpoint\.moved"):
        await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert len(far_end.received) == 1


async def test_documents_beside_the_xml_are_not_lost_silently(
    transport: HttpTransport, far_end: HttpFarEnd
) -> None:
    parcel = Packed((a_message(),), (a_document_beside(),))
    with pytest.raises(PermanentFailure, match="attachments"):
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert far_end.received == []


async def test_a_large_message_arrives_whole(transport: HttpTransport, far_end: HttpFarEnd) -> None:
    parcel = Packed((a_message(1, *["QUJD" * 2_000_000] * 4),))
    await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert len(far_end.received[0]) > 32_000_000
    assert far_end.received[0] == parcel.messages[0].data
    [headers] = far_end.headers
    assert headers["Content-Length"] == str(len(parcel.messages[0].data))
    assert "Transfer-Encoding" not in headers, "old servers take no chunks"


async def test_many_at_once_share_few_connections(
    transport: HttpTransport, far_end: HttpFarEnd
) -> None:
    receipts = await asyncio.gather(
        *(transport.deliver(a_parcel(), far_end.endpoint, KeptSteps()) for _ in range(100))
    )
    assert all(receipt.accepted for receipt in receipts)


async def hang_up_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(1)
    writer.transport.abort()


async def hang_up_after_the_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await whole_request(reader)


async def answer_by_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await whole_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


async def cut_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await whole_request(reader)
    writer.write(b"HTTP/1.1 200 O")


async def speak_another_language(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await whole_request(reader)
    writer.write(b"220 mail.example ESMTP\r\n")


async def never_stop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await whole_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"{" * 5_000_000)
    await writer.drain()


@pytest.mark.parametrize(
    "speak",
    [
        hang_up_at_once,
        hang_up_after_the_request,
        answer_by_half,
        cut_the_head,
        speak_another_language,
        never_stop,
    ],
)
async def test_a_bad_answer_leaves_the_delivery_in_doubt(
    transport: HttpTransport, speak: Speech
) -> None:
    async with raw_far_end(speak) as endpoint:
        with pytest.raises(TransientFailure) as raised:
            await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert raised.value.cause == NO_ANSWER


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
async def test_a_system_that_falls_silent_is_given_up_in_time(
    transport: HttpTransport, answer: bytes
) -> None:
    done = asyncio.Event()

    async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole_request(reader)
        writer.write(answer)
        await done.wait()

    async with raw_far_end(fall_silent) as endpoint:
        with pytest.raises(TransientFailure) as raised:
            await transport.deliver(a_parcel(), changed(endpoint, timeout_seconds=0.2), KeptSteps())
        done.set()
    assert raised.value.cause == NO_ANSWER


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://no-such-host.invalid/"])
async def test_what_cannot_be_reached_has_received_nothing(
    transport: HttpTransport, url: str
) -> None:
    with pytest.raises(EndpointDown, match="unreachable"):
        await transport.deliver(a_parcel(), an_endpoint(url), KeptSteps())


async def test_a_real_application_is_not_sent_unencrypted_to_another_machine(
    transport: HttpTransport,
) -> None:
    endpoint = an_endpoint("http://no-such-host.invalid/")
    with pytest.raises(EndpointDown, match="must not travel unencrypted"):
        await transport.deliver(a_parcel(), endpoint, KeptSteps())
    with pytest.raises(EndpointDown, match="unreachable"):
        await transport.deliver(a_parcel(), replace(endpoint, stage="test"), KeptSteps())


async def test_a_port_that_never_answers_the_handshake_is_down(transport: HttpTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = an_endpoint(f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout_seconds=0.3)
        with pytest.raises(EndpointDown, match="unreachable"):
            await transport.deliver(a_parcel(), endpoint, KeptSteps())


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[tuple[HttpFarEnd, CertificateAuthority]]:
    """A system that shows a certificate and asks for one."""
    authority = CertificateAuthority(tmp_path)
    far_end = HttpFarEnd()
    await far_end.start(server_context(authority.identity("system"), authority.certificate))
    yield far_end, authority
    await far_end.go_away()


async def test_both_sides_show_who_they_are(
    transport: HttpTransport, guarded: tuple[HttpFarEnd, CertificateAuthority]
) -> None:
    far_end, authority = guarded
    hub = authority.identity("hub")
    endpoint = an_endpoint(
        f"https://127.0.0.1:{far_end.port}/here",
        ca_file=str(authority.certificate),
        cert_file=str(hub.certificate),
        key_file=str(hub.key),
    )
    assert transport.check(endpoint) == []
    assert (await transport.deliver(a_parcel(), endpoint, KeptSteps())).accepted


async def test_a_renewed_certificate_is_taken_without_a_restart(
    transport: HttpTransport, guarded: tuple[HttpFarEnd, CertificateAuthority], tmp_path: Path
) -> None:
    far_end, authority = guarded
    (tmp_path / "elsewhere").mkdir()
    stranger = CertificateAuthority(tmp_path / "elsewhere").identity("hub")
    endpoint = an_endpoint(
        f"https://127.0.0.1:{far_end.port}/here",
        ca_file=str(authority.certificate),
        cert_file=str(stranger.certificate),
        key_file=str(stranger.key),
    )
    with pytest.raises((EndpointDown, TransientFailure)):
        await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert far_end.received == []
    renewed = authority.identity("hub")
    for old, new in ((stranger.certificate, renewed.certificate), (stranger.key, renewed.key)):
        old.write_bytes(new.read_bytes())
        os.utime(old, ns=(1, 1))
    assert (await transport.deliver(a_parcel(), endpoint, KeptSteps())).accepted


async def test_without_a_certificate_the_hub_gets_nothing_through(
    transport: HttpTransport, guarded: tuple[HttpFarEnd, CertificateAuthority]
) -> None:
    far_end, authority = guarded
    endpoint = an_endpoint(
        f"https://127.0.0.1:{far_end.port}/here", ca_file=str(authority.certificate)
    )
    with pytest.raises((EndpointDown, TransientFailure)):
        await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert far_end.received == []


async def test_a_system_with_a_strangers_certificate_gets_nothing(
    transport: HttpTransport, guarded: tuple[HttpFarEnd, CertificateAuthority]
) -> None:
    far_end, _ = guarded
    with pytest.raises(EndpointDown, match="does not trust"):
        await transport.deliver(
            a_parcel(), an_endpoint(f"https://127.0.0.1:{far_end.port}/here"), KeptSteps()
        )
    assert far_end.received == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"timeout_second": 3}, "has no timeout_second; write timeout_seconds instead"),
        ({"timeout_seconds": 0}, "endpoint.timeout_seconds: Input should be greater than 0"),
        ({"url": "ftp://x"}, "write a whole address"),
        ({"url": "http://[::1"}, "endpoint.url"),
        ({"url": "https://me:secret@x"}, "an address holds no password"),
        ({"url": "http://example.org"}, "must not travel unencrypted; write https"),
        ({"token_env": "A", "token_file": "b"}, "token_env or token_file, not both"),
        ({"token_env": "NO_SUCH_VARIABLE"}, "environment variable NO_SUCH_VARIABLE is missing"),
        ({"token_file": "/no/such/file"}, "file /no/such/file is missing"),
        ({"cert_file": "/no/such/file"}, "cert_file and key_file belong together"),
        ({"ca_file": "/no/such/file"}, "endpoint.ca_file: there is no file /no/such/file"),
        ({"ca_file": __file__}, "is no certificate in PEM"),
    ],
)
def test_wrong_settings_are_told_in_sentences(
    settings: dict[str, str | int], sentence: str
) -> None:
    endpoint = changed(an_endpoint("https://nord.example/"), **settings)
    told = HttpTransport().check(endpoint)
    assert len(told) == 1
    assert sentence in told[0]
    assert "secret" not in told[0]


def test_a_missing_url_is_told() -> None:
    endpoint = an_endpoint("")
    assert HttpTransport().check(endpoint) == [
        "endpoint.url: write a whole address, such as https://host/path."
    ]


async def test_an_address_that_hangs_takes_no_place_from_another_of_its_system(
    transport: HttpTransport, far_end: HttpFarEnd
) -> None:
    hanging = asyncio.Event()
    waiting = 0

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        await whole_request(reader)
        waiting += 1
        await hanging.wait()
        writer.close()

    async with raw_far_end(hang) as endpoint:
        stuck = [
            asyncio.create_task(transport.deliver(a_parcel(), endpoint, KeptSteps()))
            for _ in range(32)
        ]
        async with asyncio.timeout(30):
            while waiting < len(stuck):  # noqa: ASYNC110 - counted in another task
                await asyncio.sleep(0.01)
        assert endpoint.system == far_end.endpoint.system
        receipt = await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        assert receipt.accepted
        assert not any(each.done() for each in stuck)
        hanging.set()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_names_that_are_not_found_for_long_hold_up_nothing_else(
    transport: HttpTransport, far_end: HttpFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, look_up = threading.Event(), socket.getaddrinfo
    asked: set[str] = set()

    def silent(host: str, *given: Any, **named: Any) -> Any:
        if host.endswith(".invalid"):
            asked.add(host)
            found.wait(60)
        return look_up(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    # More than the loop has threads of its own on a machine of eight cores.
    names = [f"https://system-{number}.invalid/" for number in range(40)]
    stuck = [
        asyncio.create_task(transport.deliver(a_parcel(), an_endpoint(each), KeptSteps()))
        for each in names
    ]
    try:
        async with asyncio.timeout(30):
            while len(asked) < len(names):  # noqa: ASYNC110 - counted in other threads
                await asyncio.sleep(0.01)
            receipt = await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        assert receipt.accepted
    finally:
        found.set()
        ended = await asyncio.gather(*stuck, return_exceptions=True)
    assert {type(each) for each in ended} == {Unreachable}
