"""What happened: the journal, and those of its events by which the ledger proves the rest."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from hub.store.columns import DurationMicroseconds, JsonText, UtcMicroseconds, UuidText
from hub.store.tables.metadata import metadata

__all__ = ["ENTERED_OR_CONCLUDED", "events"]

ENTERED_OR_CONCLUDED: Final = (
    "name IN ('received', 'forwarded', 'interpreted', 'reminded',"
    " 'accepted', 'provided', 'withheld', 'dead', 'discarded', 'replayed')"
)
"""Events that the ledger reads, one side of the double entry: how a message entered, and each
change of its state under the name of the new one."""

events: Final = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("case_id", UuidText),
    Column("message", UuidText),
    Column("at", UtcMicroseconds, nullable=False),
    Column("name", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("authority", Text),
    Column("attempt", Integer),
    Column("duration", DurationMicroseconds),
    Column("detail", JsonText, nullable=False),
    Index("events_of_a_case", "case_id", "at"),
    Index(
        "events_of_the_ledger",
        "message",
        "id",
        "name",
        "at",
        "authority",
        sqlite_where=text(ENTERED_OR_CONCLUDED),
        postgresql_where=text(ENTERED_OR_CONCLUDED),
    ),
    implicit_returning=False,  # nobody asks for the number of an event
)
