"""One message as it came from the broker, and what becomes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

__all__ = ["Death", "Delivery", "Handler", "Verdict", "delivery_of"]


class Verdict(Enum):
    """What the broker is told about a message that was handled."""

    ACK = auto()
    REQUEUE = auto()


@dataclass(frozen=True, slots=True)
class Death:
    """Where and why the broker itself gave up on a message (its `x-death`)."""

    queue: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came. `headers` holds the plain values only."""

    body: bytes
    routing_key: str
    exchange: str
    queue: str
    message_id: str | None
    type: str | None
    content_type: str | None
    reply_to: str | None
    correlation_id: str | None
    user_id: str | None
    headers: Mapping[str, str | int | bool]
    redelivered: bool
    death: Death | None

    @property
    def attempts(self) -> int:
        """Which attempt this is, from 1: quorum queues count what they deliver again."""
        return 1 + int(self.headers.get("x-delivery-count", 0))


Handler = Callable[[Delivery], Awaitable[Verdict]]


def delivery_of(message: AbstractIncomingMessage, queue: str) -> Delivery:
    """Reads the message that came from that queue."""
    return Delivery(
        body=message.body,
        routing_key=message.routing_key or "",
        exchange=message.exchange or "",
        queue=queue,
        message_id=message.message_id,
        type=message.type,
        content_type=message.content_type,
        reply_to=message.reply_to,
        correlation_id=message.correlation_id,
        user_id=message.user_id,
        headers={
            name: value
            for name, value in message.headers.items()
            if isinstance(value, str | int | bool)
        },
        redelivered=bool(message.redelivered),
        death=_death_of(message.headers.get("x-death")),
    )


def _death_of(header: Any) -> Death | None:
    """The latest death stands first. What a sender put there itself is not trusted to fit."""
    match header:
        case [{"queue": str(queue), "reason": str(reason), "count": int(count)}, *_]:
            return Death(queue, reason, count)
    return None
