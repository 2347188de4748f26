"""Delivery by SFTP against a real server, and against one that breaks off at any step."""

import asyncio
import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from lxml import etree

from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.transport import NO_ANSWER
from hub.transport.sftp.transport import SftpTransport
from hub.workshop.packed import Packed
from tests.packing import a_packed_xml
from tests.transport.contract import (
    KeptSteps,
    TransportContract,
    a_document_beside,
    a_message,
    a_parcel,
    changed,
    numbers,
)
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


class TestSftpKeepsTheContract(TransportContract):
    pass


def there(far_end: SftpFarEnd) -> list[str]:
    return sorted(path.name for path in far_end.inbox.iterdir())


async def test_a_message_is_one_zip_under_its_uuid_with_a_manifest_that_proves_it(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    message, pdf = a_message(), a_document_beside("b.pdf", b"%PDF-1.7 beside")
    await transport.deliver(Packed((message,), (pdf,)), far_end.endpoint, KeptSteps())
    assert there(far_end) == [f"{message.uuid}.zip"]
    with zipfile.ZipFile(far_end.inbox / f"{message.uuid}.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["message"] == str(message.uuid)
    assert files["b.pdf"] == b"%PDF-1.7 beside"
    assert {each["name"]: (each["size"], each["sha256"]) for each in manifest["files"]} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()
    }


async def test_the_xml_has_the_encoding_of_its_format(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    root = etree.Element("message")
    root.text = "Müller"
    message = a_packed_xml(root, encoding="ISO-8859-1")
    await transport.deliver(Packed((message,)), far_end.endpoint, KeptSteps())
    assert b"M\xfcller" in far_end.received[0]


async def test_it_is_written_made_durable_and_only_then_renamed(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert far_end.asked == ["open", "write", "fsync", "rename", "renamed"]


async def test_what_lies_there_already_is_not_sent_again(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcel = a_parcel()
    for _ in range(2):
        receipt = await transport.deliver(parcel, far_end.endpoint, KeptSteps())
        assert not receipt.accepted
    assert len(far_end.received) == 1


async def test_what_lies_there_in_another_size_is_replaced_at_once(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcel = a_parcel()
    (far_end.inbox / f"{parcel.messages[0].uuid}.zip").write_bytes(b"half a file")
    await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert len(far_end.received) == 1
    assert zipfile.is_zipfile(far_end.inbox / f"{parcel.messages[0].uuid}.zip")


@pytest.mark.parametrize("operation", ["open", "write", "fsync", "rename"])
async def test_a_line_that_breaks_before_the_renaming_has_delivered_nothing(
    transport: SftpTransport, far_end: SftpFarEnd, operation: str
) -> None:
    parcel, far_end.break_at = a_parcel(), operation
    with pytest.raises(TransientFailure) as raised:
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    # The client cannot know whether the server still got round to renaming.
    assert raised.value.in_doubt is (operation == "rename")
    assert [name for name in there(far_end) if name.endswith(".zip")] == []
    await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert there(far_end) == [f"{parcel.messages[0].uuid}.zip"]
    assert len(far_end.received) == 1


async def test_a_line_that_breaks_after_the_renaming_leaves_doubt_and_one_file(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcel, far_end.break_at = a_parcel(), "renamed"
    with pytest.raises(TransientFailure) as raised:
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert (raised.value.cause, raised.value.in_doubt) == (NO_ANSWER, True)
    await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert there(far_end) == [f"{parcel.messages[0].uuid}.zip"]
    assert len(far_end.received) == 1


async def test_a_hub_that_died_while_writing_leaves_nothing_the_system_would_take(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcel = a_parcel()
    (far_end.inbox / f".{parcel.messages[0].uuid}.zip.tmp").write_bytes(b"x" * 100_000)
    await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert there(far_end) == [f"{parcel.messages[0].uuid}.zip"]
    assert len(far_end.received) == 1


async def test_a_retry_sends_only_what_was_not_handed_over(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcel, steps = a_parcel(3), KeptSteps()
    far_end.next("hand over", "be busy")
    with pytest.raises(TransientFailure, match=r"endpoint\.failed"):
        await transport.deliver(parcel, far_end.endpoint, steps)
    far_end.received.clear()
    await transport.deliver(parcel, far_end.endpoint, steps)
    assert numbers(far_end.received) == [2, 3]


async def test_many_at_once_share_one_connection_and_few_sessions(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    parcels = [a_parcel() for _ in range(40)]
    await asyncio.gather(
        *(transport.deliver(parcel, far_end.endpoint, KeptSteps()) for parcel in parcels)
    )
    assert (far_end.connections, len(there(far_end))) == (1, 40)


async def test_one_after_the_other_share_one_session(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    for _ in range(3):
        await transport.deliver(a_parcel(2), far_end.endpoint, KeptSteps())
    assert (far_end.sessions, len(there(far_end))) == (1, 6)


async def test_after_a_failure_the_next_one_has_a_session_of_its_own(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    far_end.next("be busy")
    with pytest.raises(TransientFailure, match=r"endpoint\.failed"):
        await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert (far_end.connections, far_end.sessions) == (1, 2)


async def test_a_session_that_the_server_ended_in_between_is_opened_anew(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    await far_end.end_sessions()
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert (far_end.connections, far_end.sessions) == (1, 2)


async def test_a_connection_that_died_in_between_is_made_anew(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    await far_end.go_away()
    await far_end.start()
    await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert far_end.connections == 2


async def test_a_server_that_is_another_one_gets_nothing(
    transport: SftpTransport, far_end: SftpFarEnd, tmp_path: Path
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    far_end.keys.known_hosts.write_text(f"[127.0.0.1]:{far_end.port} {other}")
    with pytest.raises(EndpointDown, match=r"endpoint\.host_key"):
        await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
    assert far_end.sessions == 0


async def test_a_login_that_is_not_accepted_parks_the_authority(
    transport: SftpTransport, far_end: SftpFarEnd, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(stranger))
    with pytest.raises(EndpointDown, match=r"endpoint\.denied"):
        await transport.deliver(
            a_parcel(), changed(far_end.endpoint, key_file=str(stranger)), KeptSteps()
        )


async def test_a_password_comes_from_the_environment(
    transport: SftpTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far_end = SftpFarEnd(tmp_path)
    await far_end.start(password="geheim")
    settings = {k: v for k, v in far_end.endpoint.settings.items() if k != "key_file"}
    endpoint = type(far_end.endpoint)(
        "nord",
        "sftp",
        "production",
        {**settings, "password_env": "NORD_PW"},
        far_end.endpoint.limits,
    )
    assert transport.check(endpoint) == ["There is no password in environment variable NORD_PW."]
    with pytest.raises(EndpointDown, match="NORD_PW"):
        await transport.deliver(a_parcel(), endpoint, KeptSteps())
    monkeypatch.setenv("NORD_PW", "geheim")
    assert transport.check(endpoint) == []
    await transport.deliver(a_parcel(), endpoint, KeptSteps())
    assert len(far_end.received) == 1
    await transport.close()
    (tmp_path / "password").write_text("geheim\n")
    out_of_a_file = replace(
        endpoint, settings={**settings, "password_file": str(tmp_path / "password")}
    )
    assert transport.check(out_of_a_file) == []
    await transport.probe(out_of_a_file)
    await far_end.go_away()


async def test_an_inbox_that_is_not_there_is_a_matter_of_settings(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    with pytest.raises(EndpointDown, match=r"endpoint\.folder"):
        await transport.deliver(
            a_parcel(), changed(far_end.endpoint, inbox="/b/inbox"), KeptSteps()
        )


@pytest.mark.parametrize("name", ["../a.pdf", "manifest.json", "message.xml", "", "a\n.pdf"])
async def test_a_document_under_a_name_that_no_file_may_have_is_not_sent(
    transport: SftpTransport, far_end: SftpFarEnd, name: str
) -> None:
    parcel = Packed((a_message(),), (a_document_beside(name),))
    with pytest.raises(PermanentFailure, match=r"parcel\.attachments"):
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert there(far_end) == []


async def test_a_document_that_is_another_one_is_not_sent(
    transport: SftpTransport, far_end: SftpFarEnd
) -> None:
    beside = a_document_beside()
    other = type(beside)(beside.name, beside.document, lambda: b"%PDF-1.7 other")
    with pytest.raises(PermanentFailure, match=r"document\.hash"):
        await transport.deliver(Packed((a_message(),), (other,)), far_end.endpoint, KeptSteps())


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"known_hosts_file": "/none"}, "endpoint.known_hosts_file: there is no file /none."),
        ({"key_file": "/none"}, "endpoint.key_file: there is no file /none."),
        (
            {"password_env": "X"},
            "endpoint: write key_file, password_file or password_env, one of them.",
        ),
        ({"done": "/a/outbox"}, "endpoint: inbox, outbox and done are three folders."),
    ],
)
def test_settings_are_checked_before_anything_is_sent(
    far_end: SftpFarEnd, setting: dict[str, str], sentence: str
) -> None:
    assert SftpTransport().check(changed(far_end.endpoint, **setting)) == [sentence]


def test_without_known_hosts_there_is_no_connection(far_end: SftpFarEnd) -> None:
    settings = dict(far_end.endpoint.settings)
    del settings["known_hosts_file"]
    endpoint = type(far_end.endpoint)(
        "nord", "sftp", "production", settings, far_end.endpoint.limits
    )
    assert SftpTransport().check(endpoint) == [
        "endpoint lacks known_hosts_file; write a line known_hosts_file: …"
    ]
