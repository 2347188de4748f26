"""One message as it came from the broker, and what becomes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from aio_pika.abc import AbstractIncomingMessage

__all__ = ["Death", "Delivery", "Handler", "Verdict", "delivery_of"]

T = TypeVar("T", str, str | None)


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
        count = self.headers.get("x-delivery-count", 0)
        return 1 + (count if isinstance(count, int) else 0)  # a sender may have put it there


Handler = Callable[[Delivery], Awaitable[Verdict]]


def delivery_of(message: AbstractIncomingMessage, queue: str) -> Delivery:
    """Reads the message that came from that queue."""
    return Delivery(
        body=message.body,
        routing_key=_kept(message.routing_key) or "",
        exchange=message.exchange or "",
        queue=queue,
        message_id=_kept(message.message_id),
        type=_kept(message.type),
        content_type=_kept(message.content_type),
        reply_to=_kept(message.reply_to),
        correlation_id=_kept(message.correlation_id),
        user_id=message.user_id,
        headers={
            name: _kept(value) if isinstance(value, str) else value
            for name, value in message.headers.items()
            if isinstance(value, str | int | bool)
        },
        redelivered=bool(message.redelivered),
        death=_death_of(message.headers.get("x-death")),
    )


def _kept(text: T) -> T:
    """Without NUL, which PostgreSQL keeps in no text.

    Else a message whose sender calls it so could be neither taken in nor buried, and would come
    again for ever. It grows no longer by that: AMQP takes names of 255 bytes, also on the way back.
    """
    return text if text is None else text.replace("\0", "?")


def _death_of(header: Any) -> Death | None:
    """The latest death stands first. What a sender put there itself is not trusted to fit."""
    match header:
        case [{"queue": str(queue), "reason": str(reason), "count": int(count)}, *_]:
            return Death(queue, reason, count)
    return None
