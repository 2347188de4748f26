"""The links with which people signed in, and what people and systems did, in one chain."""

from typing import Final

from sqlalchemy import BigInteger, Column, String, Table, Text

from hub.store.columns import UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["acts", "used_links"]

used_links: Final = Table(
    "used_links",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("at", UtcMicroseconds, nullable=False),
)
"""One-time links that somebody signed in with."""

acts: Final = Table(
    "acts",
    metadata,
    # Given by hand: a sequence would leave gaps, and a gap is the sign of an act removed.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)
