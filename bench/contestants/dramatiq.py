"""The pipeline on dramatiq: an actor that validates what it is sent, and sends to the next.

As its documentation has it: one broker, threads within a process (its default of eight), messages
in JSON. Its queues are classic ones, since it declares no others; publishes are confirmed, as
everybody's are. Nobody works for the second actor: what is sent to it is the result message.
"""

from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from bench.contestants.place import AMQP_URL
from bench.contestants.posting import deliver_now
from hub.model.downward import Submission

__all__ = ["broker"]

broker = RabbitmqBroker(url=AMQP_URL, confirm_delivery=True)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="dramatiq.results")
def accepted(submission: str) -> None:
    """Is told that the system has accepted a submission."""


@dramatiq.actor(queue_name="dramatiq")
def deliver(given: dict[str, Any]) -> None:
    """Validate, translate, deliver."""
    submission = Submission.model_validate(given)
    deliver_now(submission)
    accepted.send(str(submission.id))
