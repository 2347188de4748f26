"""The limit: a bare aio-pika relay with the hops of the hub's way down, which does nothing else.

Entrance queue → a second quorum queue, confirmed → POST → acknowledged. What it carries is the XML
itself, made beforehand. Two connections, as in the hub: one publishes, one consumes.
"""

import asyncio
from typing import Final

import aio_pika
import aiohttp
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from bench.contestants.place import AMQP_URL, AT_ONCE, SYSTEM_URL
from bench.loop import run

__all__ = ["DELIVERIES", "ENTRANCE"]

ENTRANCE: Final = "relay"
DELIVERIES: Final = "relay.deliveries"
_QUORUM: Final = {"x-queue-type": "quorum"}


async def _relay() -> None:
    async with (
        await aio_pika.connect(AMQP_URL) as consuming,
        await aio_pika.connect(AMQP_URL) as publishing,
        aiohttp.ClientSession() as session,
    ):
        out = await publishing.channel(on_return_raises=True)

        async def pass_on(message: AbstractIncomingMessage) -> None:
            onward = aio_pika.Message(
                message.body,
                message_id=message.message_id,
                headers=message.headers,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await out.default_exchange.publish(onward, DELIVERIES, mandatory=True)
            await message.ack()

        async def deliver(message: AbstractIncomingMessage) -> None:
            headers = {
                "Idempotency-Key": message.message_id or "",
                "Content-Type": "application/xml; charset=utf-8",
            }
            url = f"{SYSTEM_URL}/{message.headers['authority']!s}"
            async with session.post(url, data=message.body, headers=headers) as answer:
                await answer.read()
                answer.raise_for_status()
            await message.ack()

        # The entrance last: whoever waits for its consumer finds everything else there.
        await (await _queue(consuming, DELIVERIES)).consume(deliver)
        await (await _queue(consuming, ENTRANCE)).consume(pass_on)
        await asyncio.Event().wait()


async def _queue(connection: aio_pika.abc.AbstractConnection, name: str) -> AbstractQueue:
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=AT_ONCE)
    return await channel.declare_queue(name, durable=True, arguments=dict(_QUORUM))


if __name__ == "__main__":
    run(_relay())
