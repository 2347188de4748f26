"""What commands open before they can work: the settings, the routes, the store, the broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from pydantic import ValidationError

from hub.adapter import adapters
from hub.broker import Broker
from hub.cli.failures import CommandFailure
from hub.model.problems import problems
from hub.routing import RoutingTable
from hub.settings import Settings
from hub.store import Sealer, Store, StoreReader, open_store, read_store

__all__ = ["broker", "reading", "routes", "settings", "store"]

CONNECT_SECONDS: Final = 15


def settings() -> Settings:
    """The settings of this environment, with content keys that can be read."""
    try:
        chosen = Settings()
    except ValidationError as error:
        said = [f"HUB_{field.upper()}: {why}" if field else why for field, why in problems(error)]
        raise CommandFailure(*said) from None
    _sealer(chosen)
    return chosen


@asynccontextmanager
async def store() -> AsyncIterator[Store]:
    """The store that the settings name; a hub may be running on it."""
    chosen = settings()
    async with open_store(chosen.store_url, chosen.documents, _sealer(chosen)) as opened:
        yield opened


@asynccontextmanager
async def broker(name: str) -> AsyncIterator[Broker]:
    """The broker that the settings name, connected; `name` is what its operator sees."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                opened = await stack.enter_async_context(Broker(settings().amqp_urls, name=name))
                await opened.wait_ready()
        except TimeoutError:
            raise CommandFailure("RabbitMQ cannot be reached; is HUB_AMQP_URL right?") from None
        yield opened


def routes() -> RoutingTable:
    """The routing table that the settings name."""
    return RoutingTable.load(settings().routing, adapters())


@asynccontextmanager
async def reading() -> AsyncIterator[StoreReader]:
    """The same store, only to look at: nothing is made or migrated."""
    chosen = settings()
    async with read_store(chosen.store_url, chosen.documents, _sealer(chosen)) as opened:
        yield opened


def _sealer(chosen: Settings) -> Sealer:
    try:
        return Sealer.from_text(chosen.keys())
    except ValueError as error:
        raise CommandFailure(f"{error}; `hub keys new` makes a new key") from None
