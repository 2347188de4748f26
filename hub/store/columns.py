"""How the hub's values stand in columns, the same on SQLite and PostgreSQL.

Times are whole microseconds since 1970 in UTC and durations whole microseconds, because SQLite
keeps no time zones and both databases compare integers alike. Ids stand as readable text, so
that a person can look for one with the database's own tools.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

__all__ = ["DurationMicroseconds", "JsonText", "UtcMicroseconds", "UuidText"]

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


class UuidText(TypeDecorator[UUID]):
    """A UUID in its usual 36 characters."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From text."""
        return None if value is None else UUID(value)


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
