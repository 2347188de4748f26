"""The hub and all it needs, as processes on this machine, in one private folder.

RabbitMQ, the simulated systems and the hub itself; every address is free, every key and token
is made for this once. All of it ends with the block.
"""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from hub.adapter import adapters
from hub.model.details import Service
from hub.routing import RoutingTable
from hub.sandbox.processes import Child, free_port
from hub.sandbox.rabbitmq import private_rabbitmq
from hub.sandbox.samples import SENDER
from hub.sandbox.sftp import make_keys
from hub.store import Sealer

__all__ = ["World", "running_world"]

_ROUTING: Final = Path(__file__).parents[2] / "routing.yaml"
_SYSTEM_IN_ROUTING: Final = "http://127.0.0.1:8091"
_ALSTER_IN_ROUTING: Final = "port: 8092"
_ALSTER_KEYS_IN_ROUTING: Final = ".var/alster/"
"""Where routing.yaml expects the sandbox; replaced by its real address and folder."""


@dataclass(frozen=True, slots=True)
class World:
    """What runs, and where. Tokens: the online service's, and the one between hub and system."""

    folder: Path
    amqp_url: str
    hub_url: str
    system_url: str
    alster_url: str
    alster_port: int
    routes: RoutingTable
    token: str
    system_token: str
    content_key: str
    hub: Child

    @property
    def book_urls(self) -> tuple[str, ...]:
        """Where each simulated system shows its book."""
        return (f"{self.system_url}/book", f"{self.alster_url}/book")

    @property
    def store_url(self) -> str:
        """The hub's store."""
        return f"sqlite:///{self.folder / 'hub.db'}"

    @property
    def documents(self) -> Path:
        """The hub's documents."""
        return self.folder / "documents"


@asynccontextmanager
async def running_world(folder: Path) -> AsyncIterator[World]:
    """Start everything and wait until it is ready; end it with the block.

    Raises:
        RabbitMQMissing: there is no RabbitMQ and no way to get one.
        RuntimeError: something did not start; says what it printed last.
    """
    async with private_rabbitmq() as node:
        world = _furnish(folder, node.url)
        async with _running(_system(world)), _running(_alster(world)), _running(world.hub):
            yield world


@asynccontextmanager
async def _running(child: Child) -> AsyncIterator[None]:
    try:
        await child.start()
        yield
    finally:
        await child.stop()


def _furnish(folder: Path, amqp_url: str) -> World:
    system_url, hub_url, alster_url = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    alster_port = free_port()
    make_keys(folder / "alster", alster_port)
    routing = folder / "routing.yaml"
    text = _ROUTING.read_text("utf-8").replace(_SYSTEM_IN_ROUTING, system_url)
    text = text.replace(_ALSTER_IN_ROUTING, f"port: {alster_port}")
    text = text.replace(_ALSTER_KEYS_IN_ROUTING, f"{folder / 'alster'}/")
    routing.write_text(text, "utf-8")
    routes = RoutingTable.load(routing, adapters())
    token, system_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    _write_secret(folder / "system.token", system_token)
    _write_secret(folder / "access.yaml", _access(routes, token, system_token))
    settings = {
        "HUB_AMQP_URL": amqp_url,
        "HUB_STORE_URL": f"sqlite:///{folder / 'hub.db'}",
        "HUB_DOCUMENTS": str(folder / "documents"),
        "HUB_ROUTING": str(routing),
        "HUB_CONTENT_KEY": Sealer.generate_text(),
        "HUB_HTTP_HOST": "127.0.0.1",
        "HUB_HTTP_PORT": hub_url.rpartition(":")[2],
        "HUB_ACCESS": str(folder / "access.yaml"),
        "HUB_SANDBOX_TOKEN": system_token,
    }
    return World(
        folder=folder,
        amqp_url=amqp_url,
        hub_url=hub_url,
        system_url=system_url,
        alster_url=alster_url,
        alster_port=alster_port,
        routes=routes,
        token=token,
        system_token=system_token,
        content_key=settings["HUB_CONTENT_KEY"],
        hub=Child(
            ("hub.cli", "run"),
            settings=settings,
            log=folder / "hub.log",
            ready_url=f"{hub_url}/health/ready",
        ),
    )


def _system(world: World) -> Child:
    systems = world.routes.systems.values()
    tests = [("--test-system", system.name) for system in systems if system.stage == "test"]
    return Child(
        (
            "hub.sandbox.system",
            *("--port", world.system_url.rpartition(":")[2]),
            *("--returns-url", f"{world.hub_url}/returns"),
            *("--token-file", str(world.folder / "system.token")),
            *("--folder", str(world.folder)),
            *(word for option in tests for word in option),
        ),
        settings={},
        log=world.folder / "system.log",
        ready_url=f"{world.system_url}/book",
    )


def _alster(world: World) -> Child:
    authorities = [
        key
        for key, entry in world.routes.authorities.items()
        if world.routes.systems[entry.system].adapter == "alster"
    ]
    return Child(
        (
            "hub.sandbox.alster",
            *("--port", str(world.alster_port)),
            *("--book-port", world.alster_url.rpartition(":")[2]),
            *("--folder", str(world.folder / "alster")),
            *(word for key in authorities for word in ("--authority", key)),
        ),
        settings={},
        log=world.folder / "alster.log",
        ready_url=f"{world.alster_url}/book",
    )


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
