"""What commands open before they can work: the settings, and the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError

from hub.cli.failures import CommandFailure
from hub.model.problems import problems
from hub.settings import Settings
from hub.store import Sealer, Store, StoreReader, open_store, read_store

__all__ = ["reading", "settings", "store"]


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
async def reading() -> AsyncIterator[StoreReader]:
    """The same store, only to look at: nothing is made or migrated."""
    chosen = settings()
    async with read_store(chosen.store_url, chosen.documents, _sealer(chosen)) as opened:
        yield opened


def _sealer(chosen: Settings) -> Sealer:
    try:
        return Sealer.from_text(chosen.keys())
    except ValueError as error:
        raise CommandFailure(f"{error}; `hub key` makes a new key") from None
