"""Sends messages over AMQP; without an argument it reads one refusal.

    python3 send.py application.json
    python3 send.py

AMQP_URL names RabbitMQ, REFUSALS an exchange of your own with a queue of the same name. The only
package that is needed is aio-pika. A document that has no content is found beside its message.
"""

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika

URL = os.environ["AMQP_URL"]
REFUSALS = os.environ.get("REFUSALS", "portal.refusals")


def message_in(file: Path) -> dict[str, Any]:
    """The message with its documents inside, which may have some 8 MiB together."""
    message: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for document in message.get("documents", []):
        content = (file.parent / document["file_name"]).read_bytes()
        document["content"] = base64.b64encode(content).decode()
    return message


def routing_key(message: dict[str, Any]) -> str:
    """What follows a submission is led to its case: it names no authority."""
    if message["type"] != "submission":
        return f"{message['type']}.unknown"
    return f"{message['details']['service']}.{message.get('authority') or message['place']}"


async def send(files: list[Path]) -> None:
    """Send each message, and return once the broker has all of them."""
    async with await aio_pika.connect(URL) as connection:
        # Without on_return_raises a message that no queue took would pass for sent.
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange("hub.submissions", ensure=False)
        for file in files:
            message = message_in(file)
            await exchange.publish(
                aio_pika.Message(
                    json.dumps(message).encode(),
                    content_type="application/json",
                    type=message["type"],
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    message_id=str(uuid4()),  # of this attempt; the message has its own id
                    correlation_id=message["id"],
                    reply_to=REFUSALS,
                    user_id=connection.url.user,
                ),
                routing_key(message),
                mandatory=True,
                timeout=30,
            )
            print(f"{message['id']} is confirmed")


async def read_refusal() -> None:
    """Wait for one refusal and show it; a service does so all the time."""
    async with await aio_pika.connect(URL) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(REFUSALS, ensure=False)
        async with queue.iterator() as refusals:
            refusal = await anext(refusals)
            told = json.loads(refusal.body)
            # `refused` is null where the hub had not taken the message in; this says which it was.
            print(f"{refusal.correlation_id} is refused ({told['cause']}): {told['sentence']}")
            await refusal.ack()  # only now: what was read and not kept would be lost


if __name__ == "__main__":
    asyncio.run(send([Path(file) for file in sys.argv[1:]]) if sys.argv[1:] else read_refusal())
