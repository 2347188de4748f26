"""The pipeline on Celery: a task with a pydantic model, and a task that follows it.

As its documentation has it: `pydantic=True`, quorum queues, acknowledged late, confirmed publishes,
no result backend. Its pool is that of threads, so that one process has several messages at work as
everybody else's; the usual pool of processes would have one. Nobody works for the second task: what
is sent to it is the result message.
"""

from celery import Celery

from bench.contestants.place import AMQP_URL
from bench.contestants.posting import deliver_now
from hub.model.downward import Submission

__all__ = ["app"]

app = Celery("bench", broker=AMQP_URL)
app.conf.update(
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    task_default_queue="celery",
    task_default_queue_type="quorum",
    task_default_exchange_type="topic",
    task_ignore_result=True,
)


@app.task(name="accepted")
def accepted(submission: str) -> None:
    """Is told that the system has accepted a submission."""


@app.task(name="deliver", pydantic=True)
def deliver(submission: Submission) -> None:
    """Validate, translate, deliver."""
    deliver_now(submission)
    accepted.apply_async((str(submission.id),), queue="celery.results")
