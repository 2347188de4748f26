"""The pipeline on FastStream: one subscriber whose return value is published.

As its documentation has it: the message is a pydantic model, the queue a quorum queue, what lasts
as long as the application is made in its lifespan. Its log of two lines for each message is off;
uvloop drives it where it is installed, as its own command line would have it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import aiohttp
from faststream import Context, ContextRepo, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from pydantic import BaseModel

from bench.contestants.pipeline import XML_TYPE, translate
from bench.contestants.place import AMQP_URL, AT_ONCE, SYSTEM_URL
from bench.loop import run
from hub.model.downward import Submission

__all__ = ["Accepted", "app", "broker"]


class Accepted(BaseModel):
    """What is published once the system has accepted a submission."""

    submission: UUID


broker = RabbitBroker(AMQP_URL, default_channel=Channel(prefetch_count=AT_ONCE), logger=None)


@asynccontextmanager
async def _lifespan(context: ContextRepo) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        context.set_global("session", session)
        yield


app = FastStream(broker, lifespan=_lifespan)


@broker.subscriber(RabbitQueue("faststream", queue_type=QueueType.QUORUM))
@broker.publisher(RabbitQueue("faststream.results", queue_type=QueueType.QUORUM), persist=True)
async def deliver(
    submission: Submission,
    session: aiohttp.ClientSession = Context(),  # noqa: B008 - how FastStream is asked for it
) -> Accepted:
    """Translate, validate, deliver."""
    for uuid, xml in translate(submission):
        headers = {"Idempotency-Key": uuid, "Content-Type": XML_TYPE}
        url = f"{SYSTEM_URL}/{submission.authority}"
        async with session.post(url, data=xml, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
    return Accepted(submission=submission.id)


if __name__ == "__main__":
    run(app.run())
