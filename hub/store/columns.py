"""How the hub's values stand in columns, the same on SQLite and PostgreSQL.

Times are whole microseconds since 1970 in UTC and durations whole microseconds, because SQLite
keeps no time zones and both databases compare integers alike. Ids stand as text in PostgreSQL, so
that a person can look for one with its own tools and hubs of several versions understand them. In
SQLite, which one hub writes, they are bytes: random ids fill most of its indexes, and each page of
these is read, written and written again for one row.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, UserDefinedType

__all__ = ["DurationMicroseconds", "JsonText", "StoredUuid", "UtcMicroseconds"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class UtcMicroseconds(TypeDecorator[datetime]):
    """An aware datetime. A naive one raises TypeError: its time zone would be a guess."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To microseconds."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From microseconds."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class DurationMicroseconds(TypeDecorator[timedelta]):
    """A timedelta."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To microseconds."""
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From microseconds."""
        return None if value is None else timedelta(microseconds=value)


class _UuidText(TypeDecorator[UUID]):
    """A UUID in its usual 36 characters."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From text."""
        return None if value is None else UUID(value)


class _UuidBytes(UserDefinedType[UUID]):
    """A UUID in its 16 bytes. In their order UUIDs are what they are as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """As it is declared."""
        return "BLOB"

    def bind_processor(self, dialect: Dialect) -> Callable[[UUID | None], bytes | None]:  # noqa: ARG002 - SQLAlchemy's signature
        """To bytes."""
        return lambda value: None if value is None else value.bytes

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
        coltype: object,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Callable[[bytes | None], UUID | None]:
        """From bytes."""
        return lambda value: None if value is None else UUID(bytes=value)


StoredUuid: Final = _UuidText().with_variant(_UuidBytes(), "sqlite")
"""A UUID, by the database's way."""


class JsonText(TypeDecorator[Mapping[str, Any]]):
    """A small flat mapping of codes and counts, with its keys in order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To text."""
        return None if value is None else json.dumps(dict(value), sort_keys=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Mapping[str, Any] | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From text."""
        return None if value is None else json.loads(value)
