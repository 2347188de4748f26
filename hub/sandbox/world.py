"""The hub and all it needs, as processes on this machine, in one private folder.

RabbitMQ, the simulated systems and the hub itself; every address is free, every key and token
is made for this once. All of it ends with the block.
"""

import hashlib
import json
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final, get_args

from hub.adapter import adapters
from hub.model.details import Service
from hub.routing import RoutingTable
from hub.sandbox.processes import Child, free_port
from hub.sandbox.rabbitmq import PrivateRabbitMQ, private_rabbitmq
from hub.sandbox.rabbitmq_cluster import PrivateCluster
from hub.sandbox.samples import SENDER
from hub.sandbox.spree import CONFIGURE, READ, WRITE
from hub.sandbox.systems import Addresses, Simulated, Way, directly, simulated
from hub.store import Sealer

__all__ = ["World", "running_world"]

_ROUTING: Final = Path(__file__).parents[2] / "routing.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """What runs, and where. Tokens: the online service's, and the one between hub and system.

    `node`: the broker, if it is a private one.
    """

    folder: Path
    node: PrivateRabbitMQ | None
    amqp_url: str
    hub_url: str
    systems: tuple[Simulated, ...]
    routes: RoutingTable
    token: str
    system_token: str
    content_key: str
    store_url: str
    hubs: tuple[Child, ...]

    @property
    def amqp_urls(self) -> list[str]:
        """The broker's hosts."""
        return self.amqp_url.split(",")

    @property
    def hub(self) -> Child:
        """The hub, or the first of several on one store."""
        return self.hubs[0]

    @property
    def book_urls(self) -> tuple[str, ...]:
        """Where each simulated system shows its book."""
        return tuple(system.book_url for system in self.systems)

    @property
    def documents(self) -> Path:
        """The hub's documents."""
        return self.folder / "documents"


@asynccontextmanager
async def running_world(
    folder: Path,
    *,
    hub: Callable[..., Child] = Child,
    hubs: int = 1,
    store_url: str | None = None,
    way: Way = directly,
    cluster: PrivateCluster | None = None,
) -> AsyncIterator[World]:
    """Start everything and wait until it is ready; end it with the block.

    Args:
        folder: for all that is written; there, and empty.
        hub: makes the process of a hub; called as `Child` is.
        hubs: how many; systems come to the door of the first.
        store_url: where the store is, if not in a file of its own; several hubs need PostgreSQL.
        way: by which hubs reach the broker and the systems; `spree` is how Spree does.
        cluster: takes the place of the private broker.

    Raises:
        RabbitMQMissing: there is no RabbitMQ and no way to get one.
        RuntimeError: something did not start; says what it printed last.
    """
    async with _broker(cluster) as (node, amqp_url, spree_amqp_url):
        store_url = store_url or f"sqlite:///{folder / 'hub.db'}"
        spree_url = way("spree", spree_amqp_url)
        world = _furnish(folder, node, amqp_url, spree_url, store_url, hub, hubs, way)
        async with AsyncExitStack() as running:
            for child in (*(system.child for system in world.systems), *world.hubs):
                await running.enter_async_context(_running(child))
            yield world


@asynccontextmanager
async def _broker(
    cluster: PrivateCluster | None,
) -> AsyncIterator[tuple[PrivateRabbitMQ | None, str, str]]:
    """Where the hub comes, and where Spree does: with a user of its own, if one can be made.

    On a broker that was given nobody is made: Spree comes as SPREE_AMQP_URL says, or else as the
    hub itself, whose word counts for every authority.
    """
    if cluster is not None:
        password = secrets.token_urlsafe(24)
        yield None, cluster.url, await cluster.user("spree", password, CONFIGURE, WRITE, READ)
        return
    if given := os.environ.get("HUB_AMQP_URL"):
        yield None, given, os.environ.get("SPREE_AMQP_URL") or given.partition(",")[0]
        return
    async with private_rabbitmq() as node:
        password = secrets.token_urlsafe(24)
        yield node, node.url, await node.user("spree", password, CONFIGURE, WRITE, READ)


@asynccontextmanager
async def _running(child: Child) -> AsyncIterator[None]:
    try:
        await child.start()
        yield
    finally:
        await child.stop()


def _furnish(
    folder: Path,
    node: PrivateRabbitMQ | None,
    amqp_url: str,
    spree_amqp_url: str,
    store_url: str,
    hub: Callable[..., Child],
    hubs: int,
    way: Way,
) -> World:
    hub_url = f"http://127.0.0.1:{free_port()}"
    addresses = Addresses(folder, spree_amqp_url, way)
    routing = folder / "routing.yaml"
    routing.write_text(addresses.in_routing(_ROUTING.read_text("utf-8")), "utf-8")
    routes = RoutingTable.load(routing, adapters())
    token, system_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    _write_secret(folder / "system.token", system_token)
    _write_secret(folder / "service.token", token)
    _write_secret(folder / "access.yaml", _access(routes, token, system_token))
    settings = {
        "HUB_AMQP_URL": way("broker", amqp_url),
        "HUB_STORE_URL": store_url,
        "HUB_DOCUMENTS": str(folder / "documents"),
        "HUB_ROUTING": str(routing),
        "HUB_CONTENT_KEY": Sealer.generate_text(),
        "HUB_HTTP_HOST": "127.0.0.1",
        "HUB_HTTP_PORT": hub_url.rpartition(":")[2],
        "HUB_ACCESS": str(folder / "access.yaml"),
        "HUB_PUBLIC_URL": hub_url,
        "HUB_SANDBOX_TOKEN": system_token,
    }
    exports = [f"export {name}={quote(value)}\n" for name, value in settings.items()]
    _write_secret(folder / "settings.sh", "".join(exports))
    return World(
        folder=folder,
        node=node,
        amqp_url=amqp_url,
        hub_url=hub_url,
        systems=simulated(addresses, routes, hub_url),
        routes=routes,
        token=token,
        system_token=system_token,
        content_key=settings["HUB_CONTENT_KEY"],
        store_url=store_url,
        hubs=(
            _hub(hub, settings, folder / "hub.log"),
            *(
                _hub(
                    hub,
                    {**settings, "HUB_HTTP_PORT": str(free_port())},
                    folder / f"hub-{number}.log",
                )
                for number in range(2, hubs + 1)
            ),
        ),
    )


def _hub(make: Callable[..., Child], settings: Mapping[str, str], log: Path) -> Child:
    ready_url = f"http://127.0.0.1:{settings['HUB_HTTP_PORT']}/health/ready"
    return make(("hub.cli", "run"), settings=settings, log=log, ready_url=ready_url)


def _access(routes: RoutingTable, token: str, system_token: str) -> str:
    """Who may come to the hub's doors. JSON is YAML."""
    portal = {
        "name": "online service",
        "sha256": _hash(token),
        "services": list(get_args(Service)),
        "senders": [SENDER.key],
    }
    system = {
        "name": "simulated system",
        "sha256": _hash(system_token),
        "authorities": sorted(routes.authorities),
    }
    return json.dumps({"tokens": [portal, system]}, indent=1)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
