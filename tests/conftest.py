"""What tests of several rooms share: one private RabbitMQ per run, an empty vhost per test.

With pytest-xdist each worker is such a run: it has a RabbitMQ, a PostgreSQL, a folder and a
share of the ports of its own.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from hub.sandbox import processes
from hub.sandbox.faults.cable import Cable
from hub.sandbox.rabbitmq import PrivateRabbitMQ, private_rabbitmq


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        number = int(worker["workerid"].removeprefix("gw"))
        processes.PORTS = processes.PORTS[number :: worker["workercount"]]


@pytest.fixture(autouse=True)
def usual_logging() -> Iterator[None]:
    """A command that ran in this process set up its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
async def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PrivateRabbitMQ]:
    """The node itself, for tests that break it; they leave it running."""
    folder: Path = tmp_path_factory.mktemp("rabbitmq")
    async with private_rabbitmq(folder) as node:
        yield node


@pytest.fixture
async def amqp_url(rabbitmq: PrivateRabbitMQ) -> AsyncIterator[str]:
    name = f"test-{uuid4()}"
    yield await rabbitmq.vhost(name)
    await rabbitmq.remove_vhost(name)


@pytest.fixture
async def cable(rabbitmq: PrivateRabbitMQ, amqp_url: str) -> AsyncIterator[Cable]:
    """A way to the broker that can be cut: `cable.url` names the same vhost as `amqp_url`."""
    async with Cable(amqp_url) as cable:
        yield cable
