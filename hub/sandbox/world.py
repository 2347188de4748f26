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
from shlex import quote
from typing import Final, get_args

from hub.adapter import adapters
from hub.model.details import Service
from hub.routing import RoutingTable
from hub.sandbox.processes import Child, free_port
from hub.sandbox.rabbitmq import rabbitmq_url
from hub.sandbox.samples import SENDER
from hub.store import Sealer

__all__ = ["World", "running_world"]

_ROUTING: Final = Path(__file__).parents[2] / "routing.yaml"
_SYSTEM_IN_ROUTING: Final = "http://127.0.0.1:8091"
_ISAR_IN_ROUTING: Final = "http://127.0.0.1:8093"
"""Where routing.yaml expects the sandbox; replaced by its real addresses."""


@dataclass(frozen=True, slots=True)
class World:
    """What runs, and where. Tokens: the online service's, and the one between hub and system."""

    folder: Path
    amqp_url: str
    hub_url: str
    system_url: str
    isar_url: str
    routes: RoutingTable
    token: str
    system_token: str
    content_key: str
    hub: Child

    @property
    def system_urls(self) -> tuple[str, ...]:
        """Where the simulated systems show their books."""
        return self.system_url, self.isar_url

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
    async with rabbitmq_url() as amqp_url:
        world = _furnish(folder, amqp_url)
        async with _running(_system(world)), _running(_isar(world)), _running(world.hub):
            yield world


@asynccontextmanager
async def _running(child: Child) -> AsyncIterator[None]:
    try:
        await child.start()
        yield
    finally:
        await child.stop()


def _furnish(folder: Path, amqp_url: str) -> World:
    system_url, isar_url, hub_url = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    routing = folder / "routing.yaml"
    text = _ROUTING.read_text("utf-8").replace(_SYSTEM_IN_ROUTING, system_url)
    text = text.replace(_ISAR_IN_ROUTING, isar_url)
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
    exports = [f"export {name}={quote(value)}\n" for name, value in settings.items()]
    _write_secret(folder / "settings.sh", "".join(exports))
    return World(
        folder=folder,
        amqp_url=amqp_url,
        hub_url=hub_url,
        system_url=system_url,
        isar_url=isar_url,
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


def _isar(world: World) -> Child:
    return Child(
        (
            "hub.sandbox.isar",
            *("--port", world.isar_url.rpartition(":")[2]),
            *("--folder", str(world.folder)),
            *("--token-file", str(world.folder / "system.token")),
        ),
        settings={},
        log=world.folder / "isar.log",
        ready_url=f"{world.isar_url}/book",
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
