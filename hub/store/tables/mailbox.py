"""The hub's own mailbox: what applicants read there, and what they send from there."""

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from hub.store.columns import StoredUuid, UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["letters", "sendings"]

letters: Final = Table(
    "letters",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("case_id", StoredUuid, nullable=False),
    Column("account_hash", Text, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # When its reader opened it first, where they read it in the hub's own mailbox.
    Column("read_at", UtcMicroseconds),
    Index("letters_of_a_case", "case_id"),
    Index("letters_of_an_account", "account_hash"),
    Index("letters_by_time", "at"),
)

sendings: Final = Table(
    "sendings",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("case_id", StoredUuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("answers", StoredUuid),
    Column("at", UtcMicroseconds, nullable=False),
    Column("confirmed_at", UtcMicroseconds),
    Index("sendings_of_a_case", "case_id", "at"),
)
"""What applicants sent from the hub's page: until INTAKE has it, it has no row of its own."""
