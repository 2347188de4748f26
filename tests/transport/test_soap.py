"""The soap transport against a system that behaves, and one that breaks off between calls."""

import base64
from collections.abc import AsyncIterator, Callable
from functools import partial
from uuid import uuid4

import pytest
from aiohttp import web

from hub.adapter import Attachment
from hub.model.document import Document
from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.model.identifiers import DocumentId
from hub.transport import NO_ANSWER, Collected
from hub.transport.soap import SoapTransport
from hub.transport.soap.calls import SERVICE
from hub.workshop.packed import Packed
from tests.transport.contract import KeptSteps, TransportContract, a_message, changed
from tests.transport.soap_far_end import SoapFarEnd, a_fault, a_response, cut, listed

PDF = b"%PDF-1.7 synthetic"


@pytest.fixture
async def transport() -> AsyncIterator[SoapTransport]:
    transport = SoapTransport()
    yield transport
    await transport.close()


@pytest.fixture
async def far_end() -> AsyncIterator[SoapFarEnd]:
    far_end = SoapFarEnd()
    await far_end.start()
    yield far_end
    await far_end.go_away()


class TestSoapKeepsTheContract(TransportContract):
    pass


def an_attachment(content: bytes = PDF, load: Callable[[], bytes] | None = None) -> Attachment:
    id_ = DocumentId(uuid4())
    document = Document(id=id_, media_type="application/pdf", sha256="0" * 64, size=len(content))
    return Attachment(f"{id_}.pdf", document, load or (lambda: content))


def a_case(documents: int = 3) -> Packed:
    return Packed((a_message(),), tuple(an_attachment() for _ in range(documents)))


def calls_of(parcel: Packed) -> list[str]:
    """The ids of all calls for a parcel of one message."""
    uuid = parcel.messages[0].uuid
    documents = (f"{uuid} AddDocument {each.document.id}" for each in parcel.attachments)
    return [f"{uuid} SubmitCase", *documents, f"{uuid} CompleteCase"]


async def test_a_case_is_opened_filled_and_completed_in_this_order(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    parcel = a_case()
    receipt = await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert (receipt.accepted, receipt.number) == (True, "I-1")
    assert [call.id for call in far_end.calls] == calls_of(parcel)
    added = [call.body for call in far_end.calls if call.operation == "AddDocument"]
    assert [each.get("name") for each in added] == [each.name for each in parcel.attachments]
    assert {each.get("case") for each in added} == {"I-1"}
    assert {each.get("sha256") for each in added} == {"0" * 64}
    assert {base64.b64decode(each.text or "") for each in added} == {PDF}
    assert far_end.calls[-1].body.get("documents") == "3"


async def test_each_call_names_its_action_and_carries_the_token(
    transport: SoapTransport, far_end: SoapFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISAR_TOKEN", "secret")
    endpoint = changed(far_end.endpoint, token_env="ISAR_TOKEN")
    await transport.deliver(a_case(1), endpoint, KeptSteps())
    assert [call.content_type for call in far_end.calls] == [
        f'application/soap+xml; charset=utf-8; action="{SERVICE}/{operation}"'
        for operation in ("SubmitCase", "AddDocument", "CompleteCase")
    ]
    assert {headers["Authorization"] for headers in far_end.headers} == {"Bearer secret"}


class Crash(BaseException):
    """The process ends."""


class StepsOfAProcess(KeptSteps):
    """Steps that outlive it; it ends right after the one of that number was kept."""

    def __init__(self, done: dict[str, str], ends_after: int) -> None:
        self.done = done
        self._left = ends_after

    async def record(self, step: str, result: str) -> None:
        await super().record(step, result)
        self._left -= 1
        if not self._left:
            raise Crash


@pytest.mark.parametrize("finished", [1, 2, 3, 4])
async def test_after_a_crash_between_calls_only_the_rest_is_sent(
    transport: SoapTransport, far_end: SoapFarEnd, finished: int
) -> None:
    parcel, kept = a_case(), KeptSteps()
    with pytest.raises(Crash):
        await transport.deliver(parcel, far_end.endpoint, StepsOfAProcess(kept.done, finished))
    assert len(far_end.calls) == finished
    receipt = await transport.deliver(parcel, far_end.endpoint, kept)
    assert [call.id for call in far_end.calls] == calls_of(parcel)
    assert (receipt.accepted, receipt.number) == (True, "I-1")


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("answer", [cut, lambda _: a_fault("Receiver")])
async def test_a_call_whose_end_is_unknown_is_made_again_under_its_id_and_no_other(
    transport: SoapTransport,
    far_end: SoapFarEnd,
    number: int,
    answer: Callable[[web.Request], web.Response],
) -> None:
    parcel, steps = a_case(), KeptSteps()
    far_end.answer(*[None] * (number - 1), answer)
    with pytest.raises(TransientFailure) as raised:
        await transport.deliver(parcel, far_end.endpoint, steps)
    assert raised.value.in_doubt is (answer is cut)
    assert (await transport.deliver(parcel, far_end.endpoint, steps)).accepted
    ids = calls_of(parcel)
    assert [call.id for call in far_end.calls] == [*ids[:number], *ids[number - 1 :]]


async def test_documents_of_finished_calls_are_not_even_loaded(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    loaded: list[int] = []

    def load(number: int) -> bytes:
        loaded.append(number)
        return PDF

    parcel = Packed(
        (a_message(),), tuple(an_attachment(load=partial(load, number)) for number in range(3))
    )
    steps = KeptSteps()
    far_end.answer(None, None, cut)
    with pytest.raises(TransientFailure):
        await transport.deliver(parcel, far_end.endpoint, steps)
    await transport.deliver(parcel, far_end.endpoint, steps)
    assert loaded == [0, 1, 1, 2]


async def test_a_document_that_cannot_be_loaded_ends_the_delivery(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    def gone() -> bytes:
        raise PermanentFailure("document.missing", "It is not there.")

    parcel = Packed((a_message(),), (an_attachment(load=gone),))
    with pytest.raises(PermanentFailure, match=r"document\.missing"):
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert far_end.operations == ["SubmitCase"]


@pytest.mark.parametrize(("number", "receipt"), [(1, "I-9"), (2, "I-9"), (3, "I-9")])
async def test_a_case_that_is_there_already_is_accepted_and_nothing_more_is_sent(
    transport: SoapTransport, far_end: SoapFarEnd, number: int, receipt: str
) -> None:
    known = f'<isar:Problem code="S100" case="{receipt}"/>'
    far_end.answer(*[None] * (number - 1), lambda _: a_fault("Sender", detail=known))
    found = await transport.deliver(a_case(1), far_end.endpoint, KeptSteps())
    assert (found.accepted, found.number) == (True, receipt)
    assert len(far_end.calls) == number


async def test_only_the_first_of_several_messages_brings_the_documents(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    parcel = Packed((a_message(1), a_message(2)), (an_attachment(),))
    receipt = await transport.deliver(parcel, far_end.endpoint, KeptSteps())
    assert receipt.number == "I-1"
    assert [(call.operation, call.body.get("case")) for call in far_end.calls] == [
        ("SubmitCase", None),
        ("AddDocument", "I-1"),
        ("CompleteCase", "I-1"),
        ("SubmitCase", None),
        ("CompleteCase", "I-2"),
    ]


async def test_a_large_document_arrives_whole(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    content = PDF + b"0" * 20_000_000
    await transport.deliver(
        Packed((a_message(),), (an_attachment(content),)), far_end.endpoint, KeptSteps()
    )
    assert base64.b64decode(far_end.calls[1].body.text or "") == content


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(text="<html>please log in</html>", content_type="text/html"),
        lambda _: web.Response(),
        lambda _: a_response("CompleteCase", ' case="I-1"'),
        lambda _: a_response("SubmitCase"),
        lambda _: a_response("SubmitCase", ' case="two&#10;lines"'),
        lambda _: web.Response(body=b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>"),
        lambda _: web.Response(body=b"<a>" * 5000),
        lambda _: web.Response(body=b" " * 2_000_000),
        lambda _: a_response("SubmitCase", ' case="I-1"', "<a>" * 40 + "</a>" * 40),
    ],
)
async def test_a_response_that_cannot_be_believed_leaves_the_delivery_in_doubt(
    transport: SoapTransport,
    far_end: SoapFarEnd,
    answer: Callable[[web.Request], web.Response],
) -> None:
    steps = KeptSteps()
    far_end.answer(answer)
    with pytest.raises(TransientFailure) as raised:
        await transport.deliver(a_case(1), far_end.endpoint, steps)
    assert (raised.value.cause, raised.value.in_doubt) == (NO_ANSWER, True)
    assert steps.done == {}


async def collected(
    transport: SoapTransport, far_end: SoapFarEnd, cursor: str | None = None
) -> list[Collected]:
    return [each async for each in transport.collect(far_end.endpoint, cursor)]


async def test_updates_come_in_the_order_of_their_numbers_until_there_are_no_more(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    far_end.updates = {number: f"<u>{number}</u>".encode() for number in range(3, 110, 2)}
    found = await collected(transport, far_end)
    assert [each.body for each in found] == [far_end.updates[n] for n in sorted(far_end.updates)]
    assert found[-1].cursor == "109"
    await found[-1].confirm()


async def test_collecting_goes_on_after_the_cursor(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    far_end.updates = dict.fromkeys((1, 2, 3), b"<u/>")
    assert [each.cursor for each in await collected(transport, far_end, "2")] == ["3"]
    assert await collected(transport, far_end, "3") == []
    assert far_end.calls[0].body.get("after") == "2"


async def test_updates_that_are_too_many_bytes_together_come_one_by_one(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    far_end.updates = dict.fromkeys((1, 2), b"0" * 10000000)
    assert [each.cursor for each in await collected(transport, far_end)] == ["1", "2"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (listed((2, b"<u/>"), (2, b"<u/>")), "updates.order"),
        (listed((1, b"<u/>")), "updates.order"),
        (listed(("x", b"<u/>")), "updates.unreadable"),
        (listed(("9" * 30, b"<u/>")), "updates.unreadable"),
        (listed((2, b"")), "updates.unreadable"),
        (a_response("ListUpdates", content='<isar:Update number="2">%%</isar:Update>'),
         "updates.unreadable"),
        (listed((2, b"0" * (16 * 1024 * 1024 + 1))), "updates.too_large"),
        (a_response("SubmitCase"), NO_ANSWER),
        (a_fault("Receiver"), "endpoint.failed"),
    ],
)  # fmt: skip
async def test_a_list_that_cannot_be_believed_brings_nothing(
    transport: SoapTransport, far_end: SoapFarEnd, answer: web.Response, cause: str
) -> None:
    far_end.collecting = True
    far_end.answer(lambda _: answer)
    with pytest.raises(TransientFailure) as raised:
        await collected(transport, far_end, "1")
    assert raised.value.cause == cause


async def test_one_update_of_more_than_the_hub_takes_is_said_to_be_so(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    far_end.updates = {1: b"0" * 20_000_000}
    with pytest.raises(TransientFailure, match=r"updates\.too_large"):
        await collected(transport, far_end)


async def test_a_system_that_is_away_has_nothing_to_collect(
    transport: SoapTransport, far_end: SoapFarEnd
) -> None:
    await far_end.go_away()
    with pytest.raises(EndpointDown):
        await collected(transport, far_end)
