"""What every transport promises. A transport's own tests run these against a far end of its kind.

    class TestHttpKeepsTheContract(TransportContract): ...

with two fixtures: `transport`, and `far_end` (see `FarEnd`).
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from uuid import uuid4

import pytest
from lxml import etree

from hub.adapter import Attachment
from hub.model.document import Document
from hub.model.failure import EndpointDown, HubFailure, PermanentFailure, Refused, TransientFailure
from hub.model.identifiers import DocumentId
from hub.routing import Endpoint
from hub.transport import NO_ANSWER, Transport
from hub.workshop.packed import Packed, PackedXml
from tests.packing import a_packed_xml

Outcome = Literal["accept", "hand over", "refuse", "be busy", "vanish"]
"""`vanish`: the message arrives and no answer leaves."""

SECRET = "Żółć-Müller"  # stands for what an applicant wrote


class FarEnd(Protocol):
    """A stand-in for a system, on this machine."""

    received: list[bytes]
    """The XML of the messages as they arrived."""

    @property
    def endpoint(self) -> Endpoint:
        """How to reach it."""

    @property
    def knows(self) -> frozenset[Outcome]:
        """What this kind of system can do at all."""

    def next(self, *outcomes: Outcome) -> None:
        """What comes of the next messages; after them, or without any, it accepts."""

    async def go_away(self) -> None:
        """Nobody can reach it any more."""


class KeptSteps:
    """Steps as the store keeps them: they outlive the attempt."""

    def __init__(self) -> None:
        self.done: dict[str, str] = {}

    async def record(self, step: str, result: str) -> None:
        self.done[step] = result


def a_message(number: int = 1, *documents: str) -> PackedXml:
    root = etree.Element("message")
    etree.SubElement(root, "number").text = str(number)
    etree.SubElement(root, "familyName").text = SECRET
    for document in documents:
        etree.SubElement(root, "document").text = document
    return a_packed_xml(root)


def a_parcel(messages: int = 1) -> Packed:
    return Packed(tuple(a_message(number) for number in range(1, messages + 1)))


def numbers(received: list[bytes]) -> list[int]:
    return [int(etree.fromstring(each).findtext("number") or 0) for each in received]


def changed(endpoint: Endpoint, **settings: str | int | float | bool) -> Endpoint:
    together: Mapping[str, str | int | float | bool] = {**endpoint.settings, **settings}
    return Endpoint(endpoint.system, endpoint.transport, endpoint.stage, together, endpoint.limits)


class TransportContract:
    """Inherit, and bring the fixtures `transport` and `far_end`."""

    async def test_what_was_accepted_has_a_receipt(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "accept")
        receipt = await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        assert receipt.accepted
        assert timedelta(0) <= datetime.now(UTC) - receipt.at < timedelta(minutes=1)
        assert len(far_end.received) == 1

    async def test_the_document_arrives_as_it_was(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        parcel = a_parcel()
        await transport.deliver(parcel, far_end.endpoint, KeptSteps())
        sent, arrived = map(etree.fromstring, (parcel.messages[0].data, far_end.received[0]))
        assert etree.tostring(arrived, method="c14n") == etree.tostring(sent, method="c14n")

    async def test_handed_over_is_not_accepted(self, transport: Transport, far_end: FarEnd) -> None:
        self._needs(far_end, "hand over")
        far_end.next("hand over")
        assert not (await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())).accepted

    async def test_one_message_handed_over_keeps_the_parcel_from_being_accepted(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "accept", "hand over")
        far_end.next("hand over", "accept")
        assert not (await transport.deliver(a_parcel(2), far_end.endpoint, KeptSteps())).accepted

    async def test_the_messages_of_a_parcel_arrive_in_order(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        await transport.deliver(a_parcel(5), far_end.endpoint, KeptSteps())
        assert numbers(far_end.received) == [1, 2, 3, 4, 5]

    async def test_a_retry_goes_on_where_the_attempt_broke_off(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "accept", "be busy")
        parcel, steps = a_parcel(3), KeptSteps()
        far_end.next("accept", "be busy")
        with pytest.raises(TransientFailure):
            await transport.deliver(parcel, far_end.endpoint, steps)
        far_end.received.clear()
        receipt = await transport.deliver(parcel, far_end.endpoint, steps)
        assert receipt.accepted
        assert numbers(far_end.received) == [2, 3]

    async def test_what_was_handed_over_before_a_retry_stays_so(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "accept", "hand over", "be busy")
        parcel, steps = a_parcel(2), KeptSteps()
        far_end.next("hand over", "be busy", "accept")
        with pytest.raises(TransientFailure):
            await transport.deliver(parcel, far_end.endpoint, steps)
        assert not (await transport.deliver(parcel, far_end.endpoint, steps)).accepted

    async def test_a_refusal_brings_the_systems_codes(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "refuse")
        far_end.next("refuse")
        with pytest.raises(Refused) as raised:
            await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        assert raised.value.codes == ("X001",)
        self._quotes_nothing(raised.value)

    async def test_no_answer_leaves_the_delivery_in_doubt(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        self._needs(far_end, "vanish")
        far_end.next("vanish")
        with pytest.raises(TransientFailure) as raised:
            await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        assert raised.value.cause == NO_ANSWER
        assert len(far_end.received) == 1
        self._quotes_nothing(raised.value)

    async def test_a_system_that_is_away_has_received_nothing(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        await far_end.go_away()
        with pytest.raises(EndpointDown) as raised:
            await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        self._quotes_nothing(raised.value)

    async def test_an_empty_parcel_is_never_accepted(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        with pytest.raises(PermanentFailure):
            await transport.deliver(Packed(()), far_end.endpoint, KeptSteps())

    async def test_a_setting_that_does_not_exist_is_named_and_nothing_is_sent(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        wrong = changed(far_end.endpoint, no_such_setting="x")
        assert transport.check(far_end.endpoint) == []
        assert any("no_such_setting" in sentence for sentence in transport.check(wrong))
        with pytest.raises(EndpointDown):
            await transport.deliver(a_parcel(), wrong, KeptSteps())
        assert far_end.received == []

    async def test_closing_twice_is_closing_once(
        self, transport: Transport, far_end: FarEnd
    ) -> None:
        await transport.deliver(a_parcel(), far_end.endpoint, KeptSteps())
        await transport.close()
        await transport.close()

    def _needs(self, far_end: FarEnd, *outcomes: Outcome) -> None:
        if missing := set(outcomes) - far_end.knows:
            pytest.skip(f"a system of this kind cannot {', '.join(sorted(missing))}")

    def _quotes_nothing(self, failure: HubFailure) -> None:
        assert SECRET not in f"{failure} {failure.sentence} {failure.__cause__}"


def a_document_beside(name: str = "a.pdf", content: bytes = b"%PDF-1.7") -> Attachment:
    document = Document(
        id=DocumentId(uuid4()),
        media_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    return Attachment(name, document, lambda: content)
