"""Whatever an adapter does in its process, the hub gets a parcel or a failure with a meaning."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree

from adapters.xauslaender import adapter as xauslaender
from hub.adapter import Authority
from hub.model.document import Document
from hub.model.failure import (
    AdapterFailed,
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.proof.situation import AUTHORITY, context_of
from hub.stages.decision import fingerprint
from hub.workshop.crew import AdapterBusy, Bounds
from hub.workshop.packed import Packed
from hub.workshop.workshop import Workshop
from hub.xml import Invalid, serialise
from tests.builders import a_submission
from tests.workshop.unruly import SECRET, adapter

ADAPTERS = {"unruly": adapter, "xauslaender": xauslaender}
BOUNDS = Bounds(time=timedelta(seconds=5), megabytes=256)


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(ADAPTERS, bounds=BOUNDS) as workshop:
        yield workshop


async def do(workshop: Workshop, what: str, documents: int = 0, **given: object) -> Packed:
    message = a_submission(application_id=what, documents=documents)
    return await workshop.write(
        "unruly", "1", message, replace(context_of(message), **given), wait=timedelta(seconds=60)
    )


async def said(workshop: Workshop, what: str, documents: int = 0, **given: object) -> list[str]:
    [message] = (await do(workshop, what, documents, **given)).messages
    return [each.text or "" for each in etree.fromstring(message.data)]


async def failure(workshop: Workshop, what: str) -> HubFailure:
    with pytest.raises(HubFailure) as raised:
        await do(workshop, what)
    assert SECRET not in f"{raised.value!r} {vars(raised.value)}"
    return raised.value


async def process(workshop: Workshop) -> int:
    return int((await said(workshop, "process"))[0])


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def kill(pid: int) -> None:
    """Return once it has ended; its parent has not noticed."""
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


async def test_a_parcel_is_what_the_format_writes(workshop: Workshop) -> None:
    message = a_submission(documents=3)
    context = context_of(message)
    packed = await workshop.write("xauslaender", "26.11", message, context)
    written = xauslaender.formats["26.11"].write(message, context)
    assert [(each.uuid, each.name, each.data) for each in packed.messages] == [
        (each.uuid, each.name, serialise(each.root)) for each in written.messages
    ]
    assert packed.changes == written.changes


async def test_the_context_arrives_as_it_was(workshop: Workshop) -> None:
    context = context_of(a_submission())
    assert await said(workshop, "context") == [
        context.created_at.isoformat(),
        context.sender.model_dump_json(),
        repr((context.authority, context.service, context.back_channel)),
    ]


async def test_documents_are_asked_for_and_brought(workshop: Workshop) -> None:
    sizes = [str(document.size) for document in a_submission(documents=3).documents]
    assert await said(workshop, "load", 3) == sizes


async def test_documents_of_fifty_megabytes_come_and_go() -> None:
    bounds = Bounds(time=timedelta(seconds=60), megabytes=1024)
    content = b"%PDF-1.7" + bytes(10_000_000)
    async with Workshop(ADAPTERS, bounds=bounds) as roomy:
        assert await said(roomy, "load", 5, load=lambda _: content) == [str(len(content))] * 5
        [message] = (await do(roomy, "large")).messages
    assert len(message.data) > 60 * 1024 * 1024


async def test_a_document_that_cannot_be_loaded_fails_as_it_failed(workshop: Workshop) -> None:
    class Away(TransientFailure):
        pass

    def gone(document: Document) -> bytes:
        raise Away("store.away", "Away.")

    with pytest.raises(Away):
        await do(workshop, "load", 1, load=gone)
    assert await said(workshop, "load", 1) == [str(a_submission(documents=1).documents[0].size)]


async def test_documents_of_other_messages_are_not_to_be_had(workshop: Workshop) -> None:
    with pytest.raises(PermanentFailure, match=r"document\.unknown"):
        await do(workshop, "load-of-others", 1)


async def test_what_travels_beside_the_xml_is_loaded_by_the_hub_when_it_is_sent(
    workshop: Workshop,
) -> None:
    loaded: list[Document] = []

    def load(document: Document) -> bytes:
        loaded.append(document)
        return b"from the store"

    packed = await do(workshop, "attach", 2, load=load)
    assert loaded == []
    assert [(each.name, each.load()) for each in packed.attachments] == [
        ("0.pdf", b"from the store"),
        ("1.pdf", b"from the store"),
    ]


async def test_failures_with_a_meaning_keep_it(workshop: Workshop) -> None:
    refused = await failure(workshop, "refuse")
    assert type(refused) is PermanentFailure
    assert (refused.cause, refused.location) == ("unruly.no", "details.remarks")
    with_codes = await failure(workshop, "refuse-with-codes")
    assert isinstance(with_codes, Refused)
    assert (with_codes.cause, with_codes.codes, with_codes.location) == (
        "refused.S010",
        ("S010", "S011"),
        "here",
    )
    by_a_cause = await failure(workshop, "refuse-by-a-cause")
    assert isinstance(by_a_cause, Refused)
    assert (by_a_cause.cause, by_a_cause.codes) == ("unruly.refused", ())
    later = await failure(workshop, "put-off")
    assert isinstance(later, TransientFailure)
    assert later.in_doubt
    assert isinstance(await failure(workshop, "park"), EndpointDown)


async def test_what_the_schema_does_not_allow_is_explained(workshop: Workshop) -> None:
    invalid = await failure(workshop, "invalid")
    assert isinstance(invalid, Invalid)
    assert invalid.explanations[0].path == "/message/unsaid"
    assert invalid.location == "/message/unsaid (line 3)"


async def test_an_unexpected_exception_is_its_place_and_no_words(workshop: Workshop) -> None:
    first, second = [await failure(workshop, "raise") for _ in range(2)]
    assert isinstance(first, AdapterFailed)
    assert (first.cause, "Surprise" in first.sentence) == ("unexpected", True)
    assert (first.location or "").startswith("raise_, line ")
    assert fingerprint(first) == fingerprint(second)
    other = await failure(workshop, "exit-in-python")
    assert (other.cause, fingerprint(other) == fingerprint(first)) == ("unexpected", False)


@pytest.mark.parametrize(
    ("what", "cause", "words"),
    [
        ("exit", "adapter.died", "exit code 7"),
        ("crash", "adapter.died", "signal 11"),
        ("nonsense", "adapter.died", "an answer that is none"),
        ("leak", "adapter.out_of_memory", "256 MB"),
    ],
)
async def test_a_process_that_is_lost_is_replaced(
    workshop: Workshop, what: str, cause: str, words: str
) -> None:
    lost = await failure(workshop, what)
    assert isinstance(lost, AdapterFailed)
    assert (lost.cause, words in lost.sentence) == (cause, True)
    assert await process(workshop)


@pytest.mark.parametrize("what", ["hang", "burn"])
async def test_a_call_that_does_not_return_is_ended(what: str) -> None:
    bounds = replace(BOUNDS, time=timedelta(seconds=0.5))
    async with Workshop(ADAPTERS, bounds=bounds) as workshop:
        pid = await process(workshop)
        slow = await failure(workshop, what)
        assert (type(slow), slow.cause) == (TransientFailure, "adapter.too_slow")
        assert await process(workshop) != pid
    assert not runs(pid)


async def test_a_slow_leak_is_nobodys_failure(workshop: Workshop) -> None:
    pids = {await process(workshop)}
    for _ in range(16):  # 640 MB together, of which a process may have 256
        await do(workshop, "leak-slowly")
        pids.add(await process(workshop))
    assert len(pids) > 2


async def test_who_was_told_behind_a_leak_does_not_fail_with_its_process(
    workshop: Workshop,
) -> None:
    await asyncio.gather(process(workshop), process(workshop))
    leaking = [do(workshop, "leak-half") for _ in range(2)]
    behind = [process(workshop) for _ in range(8)]
    await asyncio.gather(*leaking, *behind)


async def test_one_that_ended_between_two_messages_fails_neither(workshop: Workshop) -> None:
    pid = await process(workshop)
    kill(pid)
    assert await process(workshop) != pid


async def test_two_work_side_by_side_and_others_wait_in_line(workshop: Workshop) -> None:
    pids = await asyncio.gather(*(process(workshop) for _ in range(20)))
    assert len(set(pids)) == 2


async def test_who_waits_too_long_was_not_tried(workshop: Workshop) -> None:
    hanging = [asyncio.create_task(failure(workshop, "hang")) for _ in range(2)]
    await asyncio.sleep(0)
    message = a_submission(application_id="process")
    with pytest.raises(AdapterBusy):
        await workshop.write("unruly", "1", message, context_of(message), wait=timedelta(0))
    packed = await workshop.write("xauslaender", "26.11", message, context_of(message))
    assert len(packed.messages) == 1
    assert [each.cause for each in await asyncio.gather(*hanging)] == ["adapter.too_slow"] * 2


async def test_a_child_sees_no_setting_and_no_secret(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_CONTENT_KEY", "a-secret")
    monkeypatch.setenv("PGPASSWORD", "another")
    names = await said(workshop, "environment")
    assert "PYTHONPATH" in names
    assert not {name for name in names if name.startswith(("HUB_", "PG"))}


async def test_what_it_prints_goes_nowhere(
    workshop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await said(workshop, "print") == []
    assert capfd.readouterr() == ("", "")


async def test_a_document_of_the_system_is_read(workshop: Workshop) -> None:
    uuid = uuid4()
    [status] = await workshop.read(
        "unruly", ("1",), f'<message uuid="{uuid}"/>'.encode(), AUTHORITY
    )
    assert (status.type, status.id) == ("status", uuid)


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (b"<message/>", "X001"),
        (b"<message", "X000"),
        (b"<!DOCTYPE x><message/>", "xml.doctype"),
        (b'<message uuid="a"><said>exit</said></message>', "adapter.died"),
        (b'<message uuid="none"/>', "unexpected"),
    ],
)
async def test_what_cannot_be_read_is_told(workshop: Workshop, document: bytes, cause: str) -> None:
    with pytest.raises(HubFailure) as raised:
        await workshop.read("unruly", ("1",), document, Authority("990001", "One"))
    assert raised.value.cause == cause


async def test_official_schemas_have_the_last_word(tmp_path: Path) -> None:
    folder = tmp_path / "unruly" / "1"
    folder.mkdir(parents=True)
    text = (Path(__file__).parent / "unruly.xsd").read_text()
    (folder / "narrow.xsd").write_text(text.replace('name="said"', 'name="told"'))
    async with Workshop(ADAPTERS, tmp_path, BOUNDS) as workshop:
        with pytest.raises(Invalid):
            await do(workshop, "process")


async def test_nothing_is_left_behind() -> None:
    async with Workshop(ADAPTERS, bounds=BOUNDS) as workshop:
        pid = await process(workshop)
        hanging = asyncio.create_task(do(workshop, "hang"))
        second = asyncio.create_task(do(workshop, "burn"))
        await asyncio.sleep(0)
    assert not runs(pid)
    for each in (hanging, second):
        with pytest.raises(AdapterFailed):
            await each


async def test_who_stands_in_line_is_turned_away_when_the_hub_ends(workshop: Workshop) -> None:
    at_work = [asyncio.create_task(failure(workshop, f"hang/{number}")) for number in range(2)]
    in_line = [asyncio.create_task(failure(workshop, "process")) for _ in range(50)]
    await asyncio.sleep(0)
    workshop.turn_away()
    done, _ = await asyncio.wait(in_line, timeout=BOUNDS.time.total_seconds())
    assert {type(each.result()) for each in done} == {AdapterBusy}
    assert len(done) == len(in_line)
    assert not any(each.done() for each in at_work)
    assert {each.cause for each in await asyncio.gather(*at_work)} == {"adapter.too_slow"}
    assert isinstance(await failure(workshop, "process"), AdapterBusy)
