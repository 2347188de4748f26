"""The ways in which the store itself fails, and how a database's errors become them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    InternalError,
    NotSupportedError,
    OperationalError,
)

from hub.model.failure import PermanentFailure, TransientFailure

__all__ = [
    "StoreAway",
    "is_disconnect",
    "on_disk",
    "store_away",
    "telling_store_away",
    "with_meaning",
]

P = ParamSpec("P")
T = TypeVar("T")

_FAILED: Final = (OperationalError, InternalError, NotSupportedError)
"""The last is what a standby of PostgreSQL says to who wants to write. Beside them, DatabaseError
itself is what SQLite says of a broken file; its other kinds are faults of our own."""


class StoreAway(TransientFailure):
    """The store could not be read or written; what was asked for is not known to be done."""

    def __init__(self, reason: str) -> None:
        super().__init__("store.away", f"The store could not be read or written: {reason}.")


def store_away(error: BaseException) -> StoreAway:
    """StoreAway because of `error`, of which only the type is told."""
    if isinstance(error, StoreAway):
        return error
    away = StoreAway(type(error.__cause__ or error).__name__)
    away.__cause__ = error
    return away


def with_meaning(error: BaseException) -> BaseException:
    """StoreAway if it was the database that failed; the error itself if it was the unit.

    What no database keeps, such as a NUL in a text, is the fault of whoever gave it.
    """
    if isinstance(error, DataError):
        return PermanentFailure("value.not_kept", "It holds a character that cannot be kept: NUL.")
    failed = isinstance(error, _FAILED) or type(error) is DatabaseError
    return store_away(error) if failed or is_disconnect(error) else error


@contextmanager
def telling_store_away() -> Iterator[None]:
    """Inside it, a database that fails raises StoreAway."""
    try:
        yield
    except Exception as error:
        meant = with_meaning(error)
        if meant is error:
            raise
        raise meant from error


async def on_disk(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run in a thread what reads or writes files; a disk that fails raises StoreAway."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except OSError as error:
        raise store_away(error) from error


def is_disconnect(error: BaseException) -> bool:
    """Whether the connection is gone, and with it everything not yet committed."""
    return isinstance(error, DBAPIError) and error.connection_invalidated
