"""Replaces a queue that another version of the hub has declared otherwise.

The arguments of a queue cannot be changed (FACTS: 406), so it is deleted and declared anew; but
only where nothing can be lost by that: nobody consumes it, nothing waits in it, and nothing enters
it meanwhile. Who publishes during these milliseconds is told that there is no way, as on a broker
that has just been wiped, and publishes again.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPChannelError

from hub.broker.topology import IN_ORDER, Binding, Queue

__all__ = ["Renewed", "remedy", "renew"]

_LOCK: Final = "hub.renewal"
"""A queue that is there only to be somebody's: of two hubs that start at once, one renews."""


class Renewed(Enum):
    """Whether the queue is as it is to be, and bound."""

    NOW = auto()  # but for its bindings
    NOT = auto()  # something is in it, or somebody consumes it; it has to be bound again
    BY_ANOTHER = auto()  # another hub is just at it, and binds it, too


def remedy(queue: Queue) -> str:
    """What is wrong with a queue that was not replaced, and what to do."""
    order = (
        " Until then messages of a case may come out of order: run no second hub with it."
        if queue.name in IN_ORDER
        else ""
    )
    return (
        f"The queue {queue.name} was declared by another version of the hub, or by somebody else,"
        f" and stays as it is while something is in it or somebody consumes it.{order} Once it is"
        " empty, stop all hubs and start them: the first to start replaces it."
    )


async def renew(
    connection: AbstractConnection, queue: Queue, bindings: Sequence[Binding]
) -> Renewed:
    """Replace the queue, which is bound by these and no others, if nothing can be lost by that."""
    channel = await connection.channel()
    try:
        await channel.declare_queue(_LOCK, exclusive=True)  # goes with the connection
    except AMQPChannelError:
        return Renewed.BY_ANOTHER
    try:
        if await _is_used(channel, queue):
            return Renewed.NOT
        old = await channel.get_queue(queue.name, ensure=False)
        for binding in bindings:
            await old.unbind(binding.exchange, binding.key)
        if await _is_used(channel, queue):
            return Renewed.NOT
        await old.delete(if_unused=False, if_empty=False)
        await channel.declare_queue(queue.name, durable=True, arguments={**queue.arguments})
    finally:
        await channel.close()
    return Renewed.NOW


async def _is_used(channel: AbstractChannel, queue: Queue) -> bool:
    found = await channel.declare_queue(queue.name, passive=True)
    state = found.declaration_result
    return bool(state.message_count or state.consumer_count)
