"""Kills while BURY keeps what the broker has given up: such a message is made for it first.

Nothing in the flow is ever given up, so one that belongs to no case is: it must become exactly one
dead letter, however often the hub dies over it.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from hub.broker import INTAKE, SUBMISSIONS
from hub.sandbox.faults.forked import trap_in
from hub.sandbox.faults.kind import Ground, Kind
from hub.sandbox.faults.steps import POINTS

__all__ = ["GIVEN_UP"]

_LONGEST_WAIT: Final = 10.0


async def _at(point: str, ground: Ground) -> None:
    await ground.hub.kill()
    body = f"given up on purpose: {ground.random.getrandbits(64):016x}".encode()
    try:
        await _have_given_up(ground.node.url, body)
    except ChannelNotFoundEntity:  # the broker was wiped just now: the hub had declared nothing yet
        ground.missed = True
        await ground.hub.start()
        return
    ground.given_up.append(body)
    trap_in(ground.world.folder).write_text(f"{point} 1", "ascii")
    with suppress(RuntimeError):  # it may die before it is ready
        await ground.hub.start()
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await ground.hub.ended()
    except TimeoutError:
        ground.missed = True
        await ground.hub.kill()
    await ground.hub.start()


async def _have_given_up(url: str, body: bytes) -> None:
    """Leave the message in the dead letters of INTAKE's queue, as the broker's delivery limit does.

    Nobody consumes the queue now; what else lies in it is given back in its order when the
    channel closes.
    """
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(SUBMISSIONS, ensure=False)
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await exchange.publish(message, "employment.990001")
        queue = await channel.get_queue(INTAKE, ensure=False)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(arrived.put)
        while (found := await arrived.get()).body != body:
            pass
        await found.reject(requeue=False)
        await channel.close()


GIVEN_UP: Final = tuple(
    Kind(f"hub.kill.{point}", partial(_at, point)) for point in POINTS if point.startswith("bury.")
)
