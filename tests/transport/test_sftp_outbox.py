"""What is fetched from an outbox, in which order, and what is left there."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub.model.failure import EndpointDown, TransientFailure
from hub.transport import Collected
from hub.transport.sftp.transport import SftpTransport
from hub.xml import RETURN_LIMITS
from tests.transport.contract import changed
from tests.transport.sftp_far_end import SftpFarEnd


@pytest.fixture
async def transport() -> AsyncIterator[SftpTransport]:
    transport = SftpTransport()
    yield transport
    await transport.close()


@pytest.fixture
async def far_end(tmp_path: Path) -> AsyncIterator[SftpFarEnd]:
    far_end = SftpFarEnd(tmp_path)
    await far_end.start()
    yield far_end
    await far_end.go_away()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def collected(
    transport: SftpTransport, far_end: SftpFarEnd, *, confirming: bool
) -> list[bytes]:
    found = []
    async for each in transport.collect(far_end.endpoint, None):
        found.append(each.body)
        if confirming:
            await each.confirm()
    return found


async def test_documents_come_oldest_first_by_name_and_only_when_complete(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    for name in ("0003.xml", "0001.xml", "0002.xml", "0000.tmp", "0000.xml.tmp"):
        (far_end.outbox / name).write_bytes(name.encode())
    assert await collected(transport, far_end, confirming=True) == [
        b"0001.xml",
        b"0002.xml",
        b"0003.xml",
    ]
    assert names(far_end.done) == ["0001.xml", "0002.xml", "0003.xml"]
    assert names(far_end.outbox) == ["0000.tmp", "0000.xml.tmp"]


async def test_what_is_not_confirmed_comes_again(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b"<a/>")
    for _ in range(2):
        assert await collected(transport, far_end, confirming=False) == [b"<a/>"]
    assert await collected(transport, far_end, confirming=True) == [b"<a/>"]
    assert await collected(transport, far_end, confirming=True) == []


async def test_confirming_twice_is_confirming_once(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b"<a/>")
    async for each in transport.collect(far_end.endpoint, None):
        await each.confirm()
        await each.confirm()
    assert names(far_end.done) == ["1.xml"]


async def test_hostile_names_are_left_where_they_lie_and_told_once_without_quoting_them(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    outside = far_end.root / "secret.xml"
    outside.write_bytes(b"<secret/>")
    outbox = os.fsencode(far_end.outbox)
    for name in (b".hidden.xml", b"Erika Muster.xml", b"a\n.xml", b"\xff\xfe.xml", b"a.pdf"):
        with open(outbox + b"/" + name, "wb") as file:  # noqa: ASYNC230, PTH123 - names as bytes
            file.write(b"<a/>")
    (far_end.outbox / "link.xml").symlink_to(outside)
    (far_end.outbox / "folder.xml").mkdir()
    (far_end.outbox / "good.xml").write_bytes(b"<good/>")
    with capture_logs() as logs:
        for _ in range(3):
            assert await collected(transport, far_end, confirming=False) == [b"<good/>"]
    told = [entry for entry in logs if entry["event"] == "outbox.ignored"]
    assert sorted(entry["reason"] for entry in told) == ["name"] * 5 + ["not a file"] * 2
    assert "Erika" not in str(logs)
    assert outside.read_bytes() == b"<secret/>"


async def test_a_document_beyond_the_bound_is_left_and_the_next_one_comes(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b" " * (RETURN_LIMITS.max_bytes + 1))
    (far_end.outbox / "2.xml").write_bytes(b"<a/>")
    with capture_logs() as logs:
        assert await collected(transport, far_end, confirming=True) == [b"<a/>"]
    assert [entry["reason"] for entry in logs] == ["too large"]
    assert names(far_end.outbox) == ["1.xml"]


async def test_a_document_that_goes_away_meanwhile_is_passed_over(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    for name in ("1.xml", "2.xml", "3.xml"):
        (far_end.outbox / name).write_bytes(name.encode())
    found: list[Collected] = []
    async for each in transport.collect(far_end.endpoint, None):
        found.append(each)
        (far_end.outbox / "2.xml").unlink(missing_ok=True)
    assert [each.body for each in found] == [b"1.xml", b"3.xml"]


async def test_a_rename_while_the_server_lists_is_no_reason_to_call_it_down(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b"<a/>")
    far_end.stumbles = 2
    assert await collected(transport, far_end, confirming=False) == [b"<a/>"]


async def test_an_outbox_that_is_not_there_is_said(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    far_end.outbox.rmdir()
    with pytest.raises(EndpointDown, match="outbox"):
        await collected(transport, far_end, confirming=False)


async def test_a_done_folder_that_is_not_there_is_said(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b"<a/>")
    nowhere = changed(far_end.endpoint, done="/a/none")
    found = transport.collect(nowhere, None)
    each = await anext(found)
    with pytest.raises(EndpointDown, match="done"):
        await each.confirm()
    await found.aclose()
    assert names(far_end.outbox) == ["1.xml"]


async def test_a_line_that_breaks_while_reading_loses_nothing(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    (far_end.outbox / "1.xml").write_bytes(b"<a/>")
    far_end.break_at = "open"
    with pytest.raises(TransientFailure, match=r"endpoint\.broken"):
        await collected(transport, far_end, confirming=True)
    assert await collected(transport, far_end, confirming=True) == [b"<a/>"]


async def test_a_system_that_is_away_is_down(transport: SftpTransport, far_end: SftpFarEnd) -> None:
    await far_end.go_away()
    with pytest.raises(EndpointDown):
        await collected(transport, far_end, confirming=True)
