"""What commands open before they can work: the settings, the routes, the store, the broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar

from pydantic import SecretStr, ValidationError

from hub.adapter import adapters
from hub.broker import Broker
from hub.cli.failures import CommandFailure
from hub.model.problems import problems
from hub.routing import RoutingTable
from hub.settings import BrokerSettings, Settings
from hub.store import Sealer, Store, StoreReader, open_store, read_store

__all__ = ["broker", "broker_settings", "reading", "routes", "settings", "store"]

CONNECT_SECONDS: Final = 15

AnySettings = TypeVar("AnySettings", bound=BrokerSettings)


def settings() -> Settings:
    """The settings of this environment, with content keys that can be read."""
    chosen = _of_environment(Settings)
    _sealer(chosen)
    return chosen


def broker_settings(amqp_url: str | None = None) -> BrokerSettings:
    """Those of the settings that lead to RabbitMQ, or to another one; nothing else need be set."""
    chosen = _of_environment(BrokerSettings)
    if amqp_url is None:
        return chosen
    another = {"amqp_url": SecretStr(amqp_url), "amqp_url_file": None}
    return chosen.model_copy(update=another)


@asynccontextmanager
async def store() -> AsyncIterator[Store]:
    """The store that the settings name; a hub may be running on it."""
    chosen = settings()
    async with open_store(chosen.store_at, chosen.documents, _sealer(chosen)) as opened:
        yield opened


@asynccontextmanager
async def broker(name: str, chosen: BrokerSettings | None = None) -> AsyncIterator[Broker]:
    """The broker that the settings name, connected; `name` is what its operator sees.

    Raises:
        CommandFailure: it is not reached in time; the sentence says why.
    """
    chosen = chosen or broker_settings()
    opened = Broker(chosen.amqp_urls, name=name, tls=chosen.amqp_tls)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.enter_async_context(opened)
                await opened.wait_ready()
        except TimeoutError:
            why = "RabbitMQ cannot be reached: is HUB_AMQP_URL right?"
            raise CommandFailure(opened.trouble or why) from None
        yield opened


def routes() -> RoutingTable:
    """The routing table that the settings name."""
    return RoutingTable.load(settings().routing, adapters())


@asynccontextmanager
async def reading() -> AsyncIterator[StoreReader]:
    """The same store, only to look at: nothing is made or migrated."""
    chosen = settings()
    async with read_store(chosen.store_at, chosen.documents, _sealer(chosen)) as opened:
        yield opened


def _of_environment(kind: type[AnySettings]) -> AnySettings:
    try:
        return kind()
    except ValidationError as error:
        said = [f"HUB_{field.upper()}: {why}" if field else why for field, why in problems(error)]
        raise CommandFailure(*said) from None


def _sealer(chosen: Settings) -> Sealer:
    try:
        return Sealer.from_text(chosen.keys())
    except ValueError as error:
        raise CommandFailure(f"{error}; `hub keys new` makes a new key") from None
