"""The pipeline on taskiq: a task whose argument is a pydantic model, and a task that follows it.

As its documentation has it: quorum queues (its default), what lasts as long as the worker in its
state, the next task kicked by the one before. What is kicked goes to a queue of its own, which no
worker here listens to: that is the result message. uvloop drives it where it is installed.
"""

from typing import Annotated
from uuid import UUID

import aiohttp
from taskiq import Context, TaskiqDepends, TaskiqEvents, TaskiqState
from taskiq_aio_pika import AioPikaBroker, Queue

from bench.contestants.pipeline import XML_TYPE, translate
from bench.contestants.place import AMQP_URL, AT_ONCE, SYSTEM_URL
from hub.model.downward import Submission

__all__ = ["broker", "results"]

broker = AioPikaBroker(AMQP_URL, qos=AT_ONCE, task_queues=[Queue(name="taskiq")])
results = AioPikaBroker(AMQP_URL, task_queues=[Queue(name="taskiq.results")])


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def _open(state: TaskiqState) -> None:
    state.session = aiohttp.ClientSession()
    await results.startup()


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def _close(state: TaskiqState) -> None:
    await state.session.close()
    await results.shutdown()


@results.task(task_name="accepted")
async def accepted(submission: UUID) -> None:
    """Is told that the system has accepted a submission."""


@broker.task(task_name="deliver")
async def deliver(submission: Submission, context: Annotated[Context, TaskiqDepends()]) -> None:
    """Translate, validate, deliver."""
    session: aiohttp.ClientSession = context.state.session
    for uuid, xml in translate(submission):
        headers = {"Idempotency-Key": uuid, "Content-Type": XML_TYPE}
        url = f"{SYSTEM_URL}/{submission.authority}"
        async with session.post(url, data=xml, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
    await accepted.kiq(submission.id)
