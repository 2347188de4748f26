"""RabbitMQ, as the hub uses it: publish surely, consume steadily, declare once and again.

The only room that knows AMQP. Above it there are deliveries, verdicts and failures.
"""

from hub.broker.connection import BROKER_FAILURES
from hub.broker.consumer import Subscription
from hub.broker.delivery import Death, Delivery, Handler, Verdict
from hub.broker.publisher import NoSuchExchange, NotConfirmed, Publisher, Unroutable
from hub.broker.supervisor import Broker, QueueState
from hub.broker.topology import (
    DEAD,
    DEAD_LETTERS,
    DELIVERIES,
    INTAKE,
    INTERPRET,
    MAILBOX,
    REFUSALS,
    RETURNS,
    SUBMISSIONS,
    Binding,
    Exchange,
    Queue,
    Topology,
    delivery_queue,
    mailbox_queue,
    topology,
)

__all__ = [
    "BROKER_FAILURES",
    "DEAD",
    "DEAD_LETTERS",
    "DELIVERIES",
    "INTAKE",
    "INTERPRET",
    "MAILBOX",
    "REFUSALS",
    "RETURNS",
    "SUBMISSIONS",
    "Binding",
    "Broker",
    "Death",
    "Delivery",
    "Exchange",
    "Handler",
    "NoSuchExchange",
    "NotConfirmed",
    "Publisher",
    "Queue",
    "QueueState",
    "Subscription",
    "Topology",
    "Unroutable",
    "Verdict",
    "delivery_queue",
    "mailbox_queue",
    "topology",
]
