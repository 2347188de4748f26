"""Three private RabbitMQ nodes on one machine that form a cluster, each to be killed by itself.

Each has its own folder and ports; name server and cookie are those of the first. The others join
the first by their configuration when they start for the first time, and all know each other ever
after. A quorum queue has a member on each node that runs when it is declared, three at most.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.rabbitmq_package import find_package

__all__ = ["PrivateCluster", "private_cluster"]

_NAMES: Final = ("hub-1", "hub-2", "hub-3")
_ALL_RUN: Final = f"{len(_NAMES)} = length(rabbit_nodes:all_running())."
_COMPLETE_SECONDS: Final = 30


@asynccontextmanager
async def private_cluster() -> AsyncIterator["PrivateCluster"]:
    """A running cluster that ends with the block.

    Raises:
        RabbitMQMissing: there is no RabbitMQ on this machine and no way to get one.
        RuntimeError: a node did not start, or they did not find each other.
    """
    package = await asyncio.to_thread(find_package)
    home = Path(tempfile.mkdtemp(prefix="hub-rabbitmqs-"))
    first_name, *other_names = _NAMES
    first = PrivateRabbitMQ(package, home / first_name, _joining(first_name), name=first_name)
    others = [
        PrivateRabbitMQ(package, home / name, _joining(first_name, name), name=name, guest_of=first)
        for name in other_names
    ]
    cluster = PrivateCluster((first, *others))
    try:
        await first.start()
        await asyncio.gather(*(node.start() for node in others))
        await cluster.until_complete()
        yield cluster
    finally:
        try:
            await asyncio.gather(*(node.kill() for node in cluster.nodes))
        finally:
            await first.end_name_server()
            shutil.rmtree(home, ignore_errors=True)


class PrivateCluster:
    """Nodes that are one broker. Made by `private_cluster`."""

    def __init__(self, nodes: tuple[PrivateRabbitMQ, ...]) -> None:
        self.nodes = nodes

    @property
    def url(self) -> str:
        """All hosts, separated by commas."""
        return ",".join(node.url for node in self.nodes)

    async def user(self, name: str, password: str, configure: str, write: str, read: str) -> str:
        """Adds a user as `PrivateRabbitMQ.user` does, and gives a URL of all hosts."""
        first, *others = self.nodes
        url = await first.user(name, password, configure, write, read)
        own = f"127.0.0.1:{first.port}"
        return ",".join([url, *(url.replace(own, f"127.0.0.1:{node.port}") for node in others)])

    async def until_complete(self) -> None:
        """Return once every node sees all of them run.

        Raises:
            RuntimeError: that did not come about in time.
        """
        try:
            async with asyncio.timeout(_COMPLETE_SECONDS):
                for node in self.nodes:
                    while not await _sees_all(node):  # noqa: ASYNC110 - a node sets no event
                        await asyncio.sleep(0.1)
        except TimeoutError:
            raise RuntimeError("The nodes of the cluster did not find each other.") from None


def _joining(*names: str) -> tuple[str, ...]:
    """Configuration: a node knows itself and the first; RabbitMQ 4 waits for whomever it knows."""
    return (
        "cluster_formation.peer_discovery_backend = classic_config",
        *(
            f"cluster_formation.classic_config.nodes.{number} = {name}@localhost"
            for number, name in enumerate(names, start=1)
        ),
    )


async def _sees_all(node: PrivateRabbitMQ) -> bool:
    try:
        await node.evaluate(_ALL_RUN)
    except (RuntimeError, ConnectionError):
        return False
    return True
