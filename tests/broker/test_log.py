"""What the log is told of a message: nothing that its sender has invented."""

import asyncio

import aio_pika
import pytest
from structlog.testing import capture_logs

from hub.broker import DELIVERIES, Broker, Delivery, Verdict, delivery_queue

QUEUE = delivery_queue("001900")


@pytest.mark.parametrize(
    ("message_id", "told"),
    [("Antrag Ola Nordmann", None), ("a5" * 4 + "-0000" * 3 + "-" + "0" * 12, "as it is")],
)
async def test_how_a_sender_calls_a_message_is_not_told_to_the_log(
    broker: Broker, amqp_url: str, message_id: str, told: str | None
) -> None:
    again = asyncio.Event()

    async def fail(delivery: Delivery) -> Verdict:
        if delivery.redelivered:
            again.set()
            return Verdict.ACK
        raise RuntimeError

    with capture_logs() as logs:
        broker.subscribe(QUEUE, fail, prefetch=1)
        async with await aio_pika.connect(amqp_url) as connection:
            exchange = await (await connection.channel()).get_exchange(DELIVERIES, ensure=False)
            await exchange.publish(aio_pika.Message(b"{}", message_id=message_id), "001900")
        async with asyncio.timeout(30):
            await again.wait()
    [failed] = [each for each in logs if each["event"] == "handler.failed"]
    assert failed["message"] == (message_id if told else None)
