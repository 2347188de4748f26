"""Tells the broker what is owed, and a sender that its message was refused.

A reference may be published twice or get lost: the store holds what is owed, and whoever
receives a reference asks the store first.
"""

import asyncio
import re
from typing import Final

from hub.broker import DELIVERIES, MAILBOX, REFUSALS, Publisher, Unroutable
from hub.model.failure import PermanentFailure
from hub.model.reference import Reference
from hub.model.refused import RefusedMessage
from hub.routing import RoutingTable
from hub.store import DeadLetter, Due, NewDeadLetter
from hub.traceparent import TRACEPARENT

__all__ = ["announce", "check_reply_to", "refuse"]

_AT_ONCE: Final = 50
"""More would wait for each other, and with a slow broker for longer than a publish may take."""

_OWN_PREFIXES: Final = ("hub.", "amq.")

_NAME: Final = re.compile(r"[A-Za-z0-9_.:@#,/+ -]{1,127}")
"""What pamqp publishes to: AMQP's own rule (exchange-name), and a few signs more. It raises at any
other name, which RabbitMQ would take."""


async def announce(publisher: Publisher, *owed: Due) -> None:
    """Publish a reference for each message that is owed; raise TransientFailure if one fails.

    Some of their confirmations are awaited together: one after the other, a backlog would go out
    no faster than the broker's disk turns. Each is of another case: their order does not matter.
    Unroutable is raised last: that one place has no queue, all others have their references.
    """
    if len(owed) == 1:
        await _announce(publisher, owed[0])
        return
    without_queue: Unroutable | None = None
    for first in range(0, len(owed), _AT_ONCE):
        some = owed[first : first + _AT_ONCE]
        published = await asyncio.gather(
            *(_announce(publisher, due) for due in some), return_exceptions=True
        )
        for failure in published:
            if isinstance(failure, Unroutable):
                without_queue = failure
            elif failure is not None:
                raise failure
    if without_queue is not None:
        raise without_queue


async def _announce(publisher: Publisher, due: Due) -> None:
    reference = Reference(
        message=due.message,
        case=due.case,
        authority=due.authority,
        attempt=due.attempts,
        trace=due.trace,
    )
    exchange, key = (
        (DELIVERIES, due.authority) if due.owes == "deliver" else (MAILBOX, due.provider or "")
    )
    headers = {TRACEPARENT: due.trace} if due.trace else {}
    await publisher.publish(
        exchange, key, reference.model_dump_json().encode(), type=due.owes, headers=headers
    )


def check_reply_to(exchange: str | None, table: RoutingTable) -> None:
    """Refuse an exchange into which a refusal must not be published.

    A sender could otherwise have the hub write into the hub's own exchanges, into a system's, or
    into the default exchange and thereby any queue.
    """
    if exchange is None or exchange == REFUSALS:
        return
    forbidden = exchange.startswith(_OWN_PREFIXES) or exchange in _of_systems(table)
    if forbidden or not _NAME.fullmatch(exchange):
        raise PermanentFailure(
            "reply_to.forbidden",
            f"reply_to must name {REFUSALS} or an exchange of the sender's own, in at most 127"
            " letters, digits and signs as AMQP has them",
            location="reply_to",
        )


def _of_systems(table: RoutingTable) -> set[object]:
    return {each.settings.get("exchange") for each in table.systems.values()}


async def refuse(publisher: Publisher, letter: DeadLetter | NewDeadLetter) -> None:
    """Tell the sender. Raises NoSuchExchange or TransientFailure; needs `letter.reply_to`."""
    if letter.reply_to is None:
        raise ValueError("a refusal needs an exchange to go to")
    which = letter.correlation or (None if letter.message is None else str(letter.message))
    told = RefusedMessage(
        refused=letter.message,
        cause=letter.cause,
        sentence=letter.sentence,
        location=letter.location,
    )
    await publisher.publish_outside(
        letter.reply_to,
        which or "unknown",
        told.model_dump_json().encode(),
        type="refusal",
        headers={},
        correlation_id=which,
    )
