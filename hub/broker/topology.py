"""Which exchanges, queues and bindings the hub has: plain data, computed from the routing table.

Arguments are only used for what never changes, since a queue cannot be declared again with
others (FACTS: 406). Every queue is a quorum queue with an explicit, positive delivery limit:
without one 3.10 never stops redelivering and 4.x drops the message; -1 destroys it on 3.10.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hub.model.identifiers import AuthorityKey

__all__ = [
    "DEAD",
    "DEAD_LETTERS",
    "DELIVERIES",
    "INTAKE",
    "INTERPRET",
    "IN_ORDER",
    "MAILBOX",
    "REFUSALS",
    "RETURNS",
    "SUBMISSIONS",
    "Binding",
    "Exchange",
    "Queue",
    "Topology",
    "delivery_queue",
    "mailbox_queue",
    "topology",
]

SUBMISSIONS: Final = "hub.submissions"
DELIVERIES: Final = "hub.deliveries"
RETURNS: Final = "hub.returns"
MAILBOX: Final = "hub.mailbox"
DEAD: Final = "hub.dead"
REFUSALS: Final = "hub.refusals"

INTAKE: Final = "hub.intake"
INTERPRET: Final = "hub.interpret"
DEAD_LETTERS: Final = "hub.dead-letters"

IN_ORDER: Final = frozenset({INTAKE, INTERPRET})
"""Queues that one consumer at a time is given, however many hubs there are: theirs is the order in
which messages of a case enter. What it had is given to the next one first, in the same order."""

DELIVERY_LIMIT = 20
# Nothing lies behind the last queue, and a message beyond its limit would be dropped: it has to
# have one, so it has one that is never reached.
LAST_DELIVERY_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange."""

    name: str
    type: Literal["topic", "direct", "fanout"]


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue."""

    name: str
    arguments: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Binding:
    """What of `exchange` goes into `queue`."""

    exchange: str
    key: str
    queue: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything to declare."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


def delivery_queue(authority: AuthorityKey) -> str:
    """The queue of what is to be delivered to one authority."""
    return f"hub.deliver.{authority}"


def mailbox_queue(provider: str) -> str:
    """The queue of letters for one mailbox provider."""
    return f"hub.mailbox.{provider}"


def topology(authorities: Iterable[AuthorityKey], providers: Iterable[str]) -> Topology:
    """The hub's topology for these authorities and mailbox providers."""
    bindings = (
        Binding(DEAD, "", DEAD_LETTERS),
        Binding(SUBMISSIONS, "#", INTAKE),
        Binding(RETURNS, "#", INTERPRET),
        *(Binding(DELIVERIES, key, delivery_queue(key)) for key in sorted(set(authorities))),
        *(Binding(MAILBOX, name, mailbox_queue(name)) for name in sorted(set(providers))),
    )
    return Topology(
        exchanges=(
            Exchange(DEAD, "fanout"),
            Exchange(SUBMISSIONS, "topic"),
            Exchange(DELIVERIES, "direct"),
            Exchange(RETURNS, "topic"),
            Exchange(MAILBOX, "direct"),
            Exchange(REFUSALS, "topic"),  # no queue: whoever wants refusals binds their own
        ),
        queues=tuple(_queue(binding.queue) for binding in bindings),
        bindings=bindings,
    )


def _queue(name: str) -> Queue:
    if name == DEAD_LETTERS:
        return Queue(name, {"x-queue-type": "quorum", "x-delivery-limit": LAST_DELIVERY_LIMIT})
    arguments: dict[str, str | int] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        # At least once needs both (FACTS); reject-publish never applies, there is no length.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if name in IN_ORDER:
        arguments["x-single-active-consumer"] = True
    return Queue(name, arguments)
