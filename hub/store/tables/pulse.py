"""How often it happened: the sums for pictures, added up from the journal."""

from typing import Final

from sqlalchemy import Column, Integer, Table, Text

from hub.store.columns import UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["pulse", "successes"]

pulse: Final = Table(
    "pulse",
    metadata,
    Column("minute", Integer, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often an event of the journal happened in a minute (minutes since 1970, UTC)."""

successes: Final = Table(
    "successes",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
)
"""When a system of an authority last accepted a message."""
