"""What happened: the journal, and those of its events by which the ledger proves the rest."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from hub.store.columns import DurationMicroseconds, JsonText, StoredUuid, UtcMicroseconds
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
    Column("case_id", StoredUuid),
    Column("message", StoredUuid),
    Column("at", UtcMicroseconds, nullable=False),
    Column("name", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("authority", Text),
    Column("attempt", Integer),
    Column("duration", DurationMicroseconds),
    Column("detail", JsonText, nullable=False),
    # For the journey of a case and for the ledger, which reads nothing but this: a second index
    # would be another page of a large store to write for each event.
    Index("events_of_a_message", "case_id", "message", "id", "name", "at"),
    implicit_returning=False,  # nobody asks for the number of an event
)
