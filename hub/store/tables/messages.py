"""What is owed: cases, their messages, and the steps already done for a message."""

from enum import StrEnum, auto
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from hub.store.columns import StoredUuid, UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["KNOWN_BY_ANOTHER", "OWED_AND_FREE", "UNFINISHED", "State", "cases", "messages", "steps"]


class State(StrEnum):
    """Where a message stands. Each says who acts next."""

    OWED = auto()  # the hub
    HANDED_OVER = auto()  # the system: its receipt is awaited
    ACCEPTED = auto()  # nobody: the system has it
    PROVIDED = auto()  # nobody: the mailbox has it
    WITHHELD = auto()  # nobody: the case has no back-channel
    NOTED = auto()  # nobody: it was for the hub itself, such as a receipt
    DEAD = auto()  # a person
    DISCARDED = auto()  # nobody: a person decided so


OWED_AND_FREE: Final = "state = 'owed' AND waits_for IS NULL"
"""Messages that could be worked on if they are due."""

UNFINISHED: Final = "state IN ('owed', 'handed_over', 'dead')"
"""Messages that somebody still has to act on: the hub, the system, or a person."""

KNOWN_BY_ANOTHER: Final = "wire <> id"
"""Messages that are exchanged under another nachrichtenUUID than their own id. Those of
submissions are the same, and are found by it."""

cases: Final = Table(
    "cases",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("application_id", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("provider", Text),
    Column("back_channel", Boolean, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("created_at", UtcMicroseconds, nullable=False),
    Column("state", Text, nullable=False),
    Column("profile", LargeBinary, nullable=False),
    Column("erased_at", UtcMicroseconds),
    Index("cases_by_application", "application_id", "sender"),
    Index("cases_by_time", "created_at", "id"),
    Index("cases_of_an_authority", "authority", "created_at", "id"),
    Index("cases_of_a_service", "service", "created_at", "id"),
    Index("cases_in_a_state", "state", "created_at", "id"),
    Index(
        "cases_erased",
        "erased_at",
        sqlite_where=text("erased_at IS NOT NULL"),
        postgresql_where=text("erased_at IS NOT NULL"),
    ),
)

messages: Final = Table(
    "messages",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("case_id", StoredUuid, ForeignKey("cases.id"), nullable=False),
    Column("direction", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("authority", Text, nullable=False),
    Column("wire", StoredUuid, nullable=False),
    Column("answers", StoredUuid),
    Column(
        "state",
        Enum(
            State,
            native_enum=False,
            length=20,
            values_callable=lambda states: [state.value for state in states],
        ),
        nullable=False,
    ),
    Column("owes", Text),
    Column("provider", Text),
    Column("waits_for", StoredUuid),
    Column("attempts", Integer, nullable=False),
    Column("unexpected", Integer, nullable=False),
    Column("due_at", UtcMicroseconds),
    # Whether its reference should lie in a queue: published, and not taken from there since.
    Column("queued", Boolean, nullable=False),
    Column("owed_since", UtcMicroseconds),
    # Two for each attempt begun since the last one whose end is known, and one if any before left
    # the message in doubt: 0 at rest, 2 while an attempt runs, and never 0 in doubt.
    Column("begun", Integer, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", UtcMicroseconds),
    Column("digest", String(64), nullable=False),
    Column("trace", Text),
    Column("created_at", UtcMicroseconds, nullable=False),
    Column("handed_over_at", UtcMicroseconds),
    Column("accepted_at", UtcMicroseconds),
    Column("concluded_at", UtcMicroseconds),
    Column("cause", Text),
    Column("deadline", Date),
    Column("content_until", UtcMicroseconds),
    # Behind all that is read without it, so that SQLite need not follow the overflow pages.
    Column("content", LargeBinary),
    Column("said_at", UtcMicroseconds),
    Index("messages_of_a_case", "case_id", "direction", "position", unique=True),
    Index(
        "messages_by_wire",
        "wire",
        "authority",
        "direction",
        sqlite_where=text(KNOWN_BY_ANOTHER),
        postgresql_where=text(KNOWN_BY_ANOTHER),
    ),
    Index(
        "messages_due",
        "queued",
        "due_at",
        "owes",
        "authority",
        sqlite_where=text(OWED_AND_FREE),
        postgresql_where=text(OWED_AND_FREE),
    ),
    Index(
        "messages_waiting",
        "waits_for",
        sqlite_where=text("waits_for IS NOT NULL"),
        postgresql_where=text("waits_for IS NOT NULL"),
    ),
    Index(
        "messages_unfinished",
        "authority",
        "owes",
        "state",
        "owed_since",
        sqlite_where=text(UNFINISHED),
        postgresql_where=text(UNFINISHED),
    ),
    Index(
        "messages_to_forget",
        "content_until",
        sqlite_where=text("content_until IS NOT NULL"),
        postgresql_where=text("content_until IS NOT NULL"),
    ),
    Index(
        "messages_with_deadline",
        "deadline",
        sqlite_where=text("deadline IS NOT NULL"),
        postgresql_where=text("deadline IS NOT NULL"),
    ),
)

steps: Final = Table(
    "steps",
    metadata,
    Column("message", StoredUuid, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("result", Text, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
)
