"""Against the real broker: what comes of a message depends on exchange, queue and confirmation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from lxml import etree

from hub.broker import Broker
from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.routing import Endpoint, Limits
from hub.sandbox.faults.cable import Cable
from hub.transport import NO_ANSWER, Receipt, Steps
from hub.transport.amqp import AmqpTransport
from hub.workshop.packed import Packed
from tests.packing import a_packed_xml
from tests.transport.contract import (
    KeptSteps,
    Outcome,
    TransportContract,
    a_document_beside,
    a_message,
    a_parcel,
    changed,
)

ENDPOINT = Endpoint(
    "spree",
    "amqp",
    "production",
    {"exchange": "spree.in", "routing_key": "990041", "user": "spree"},
    Limits(4, 12),
)


class AmqpFarEnd:
    """A system's exchange and queue; what lies there is fetched when it is asked for."""

    endpoint = ENDPOINT
    knows: frozenset[Outcome] = frozenset({"hand over"})

    def __init__(self, channel: AbstractChannel) -> None:
        self.received: list[bytes] = []
        self.messages: list[AbstractIncomingMessage] = []
        self._channel = channel

    async def declare(self, **arguments: str | int) -> None:
        exchange = await self._channel.declare_exchange("spree.in", "direct", durable=True)
        queue = await self._channel.declare_queue(
            "spree.inbox.990041",
            durable=True,
            arguments={"x-queue-type": "quorum", "x-delivery-limit": 20, **arguments},
        )
        await queue.bind(exchange, "990041")

    def next(self, *outcomes: Outcome) -> None:
        assert set(outcomes) <= self.knows  # it never does anything else

    async def go_away(self) -> None:
        await self._channel.queue_delete("spree.inbox.990041")

    async def fetch(self) -> None:
        queue = await self._channel.get_queue("spree.inbox.990041")
        while (message := await queue.get(no_ack=True, fail=False)) is not None:
            self.messages.append(message)
            self.received.append(message.body)


class FetchedTransport(AmqpTransport):
    """What was confirmed lies in the queue: it is fetched before the test looks."""

    far_end: AmqpFarEnd

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        receipt = await super().deliver(parcel, endpoint, steps)
        await self.far_end.fetch()
        return receipt


@pytest.fixture
async def far_end(amqp_url: str) -> AsyncIterator[AmqpFarEnd]:
    async with await aio_pika.connect(amqp_url) as connection:
        far_end = AmqpFarEnd(await connection.channel())
        await far_end.declare()
        yield far_end


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    async with Broker([amqp_url], name="test") as broker:
        yield broker


@pytest.fixture
def transport(broker: Broker, far_end: AmqpFarEnd) -> FetchedTransport:
    transport = FetchedTransport(broker.publisher)
    transport.far_end = far_end
    return transport


class TestAmqpKeepsTheContract(TransportContract):
    pass


async def test_a_message_says_what_it_is_and_under_which_uuid(
    transport: FetchedTransport, far_end: AmqpFarEnd
) -> None:
    parcel = a_parcel()
    await transport.deliver(parcel, ENDPOINT, KeptSteps())
    [message] = far_end.messages
    assert message.content_type == "application/xml"
    assert message.type == parcel.messages[0].name
    assert message.headers["idempotency-key"] == str(parcel.messages[0].uuid)
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.user_id is None  # else its owner could lead it back as the hub's own


async def test_without_an_exchange_the_endpoint_is_down_and_the_next_is_delivered(
    transport: FetchedTransport,
) -> None:
    elsewhere = changed(ENDPOINT, exchange="spree.gone")
    with pytest.raises(EndpointDown, match=r"endpoint\.no_exchange"):
        await transport.deliver(a_parcel(), elsewhere, KeptSteps())
    await transport.deliver(a_parcel(), ENDPOINT, KeptSteps())


async def test_an_authority_without_a_queue_is_down_alone(transport: FetchedTransport) -> None:
    other = changed(ENDPOINT, routing_key="990042")
    with pytest.raises(EndpointDown, match=r"endpoint\.no_queue"):
        await transport.deliver(a_parcel(), other, KeptSteps())
    await transport.deliver(a_parcel(), ENDPOINT, KeptSteps())


async def test_a_parcel_goes_on_where_the_attempt_broke_off(
    transport: FetchedTransport, far_end: AmqpFarEnd
) -> None:
    parcel, steps = a_parcel(3), KeptSteps()
    await steps.record(str(parcel.messages[0].uuid), "handed-over")
    assert not (await transport.deliver(parcel, ENDPOINT, steps)).accepted
    assert [message.headers["idempotency-key"] for message in far_end.messages] == [
        str(message.uuid) for message in parcel.messages[1:]
    ]
    assert len(steps.done) == 2


async def test_a_queue_that_rejects_leaves_the_delivery_in_doubt(
    transport: FetchedTransport, far_end: AmqpFarEnd
) -> None:
    await far_end.go_away()
    await far_end.declare(**{"x-max-length": 1, "x-overflow": "reject-publish"})
    plain = AmqpTransport(transport._publisher)

    async def deliver_until_rejected() -> None:
        for _ in range(10):  # a quorum queue rejects a little later than its length says
            await plain.deliver(a_parcel(), ENDPOINT, KeptSteps())

    with pytest.raises(TransientFailure) as raised:
        await deliver_until_rejected()
    assert (raised.value.cause, raised.value.in_doubt) == (NO_ANSWER, True)


@asynccontextmanager
async def a_cut_broker(cable: Cable) -> AsyncIterator[Broker]:
    limit = timedelta(seconds=0.5)
    async with Broker([cable.url], name="test", publish_timeout=limit) as broker:
        cable.black_hole()
        yield broker
        cable.heal()


async def test_a_confirmation_that_does_not_come_leaves_the_delivery_in_doubt(
    cable: Cable,
) -> None:
    async with a_cut_broker(cable) as broker:
        with pytest.raises(TransientFailure) as raised:
            await AmqpTransport(broker.publisher).deliver(a_parcel(), ENDPOINT, KeptSteps())
    assert (raised.value.cause, raised.value.in_doubt) == (NO_ANSWER, True)


async def test_what_the_broker_would_refuse_is_never_sent(
    transport: FetchedTransport, far_end: AmqpFarEnd
) -> None:
    root = etree.Element("message")
    root.text = "x" * (16 * 1024 * 1024)
    large = Packed((a_packed_xml(root),))
    with pytest.raises(PermanentFailure, match=r"parcel\.too_large"):
        await transport.deliver(large, ENDPOINT, KeptSteps())
    assert far_end.received == []


async def test_documents_beside_the_xml_are_refused(transport: FetchedTransport) -> None:
    parcel = Packed((a_message(),), attachments=(a_document_beside(),))
    with pytest.raises(PermanentFailure, match=r"parcel\.attachments"):
        await transport.deliver(parcel, ENDPOINT, KeptSteps())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"exchange": "hub.deliveries"}, "is not the system's own"),
        ({"exchange": "amq.topic"}, "is not the system's own"),
        ({"exchange": ""}, "endpoint.exchange"),
        ({"user": ""}, "endpoint.user"),
        ({"queue": "spree.in"}, "endpoint has no queue; write"),
    ],
)
def test_wrong_settings_are_told_in_sentences(
    broker: Broker, settings: dict[str, str], sentence: str
) -> None:
    told = AmqpTransport(broker.publisher).check(changed(ENDPOINT, **settings))
    assert len(told) == 1
    assert sentence in told[0]
