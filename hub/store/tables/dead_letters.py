"""What waits for a person, or was decided by one: dead letters, and what is proposed for them."""

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from hub.store.columns import JsonText, StoredUuid, UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["UNDER_WAY", "dead_letters", "edits"]

UNDER_WAY: Final = "state = 'replayed' AND message IS NULL AND passed_at IS NULL"
"""Dead letters without a row that were published again, and came to nothing yet."""

dead_letters: Final = Table(
    "dead_letters",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("message", StoredUuid),
    Column("case_id", StoredUuid),
    Column("authority", Text),
    Column("stage", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("location", Text),
    Column("fingerprint", Text, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
    Column("origin", JsonText, nullable=False),
    Column("reply_to", Text),
    Column("correlation", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", UtcMicroseconds),
    Column("refusal_sent_at", UtcMicroseconds),
    Column("refusal_attempts", Integer, nullable=False),
    Column("refusal_due_at", UtcMicroseconds),
    Column("content", LargeBinary),
    Column("kind", Text),
    Column("replays", Integer, nullable=False, server_default="0"),
    # When a replay of what has no row of its own was taken in.
    Column("passed_at", UtcMicroseconds),
    Index("dead_letters_by_state", "state", "at"),
    Index("dead_letters_of_a_message", "message"),
    Index("dead_letters_of_a_case", "case_id"),
    Index(
        "dead_letters_by_correlation",
        "correlation",
        sqlite_where=text("correlation IS NOT NULL"),
        postgresql_where=text("correlation IS NOT NULL"),
    ),
    Index(
        "dead_letters_under_way",
        "decided_at",
        sqlite_where=text(UNDER_WAY),
        postgresql_where=text(UNDER_WAY),
    ),
    Index(
        "dead_letters_refusal_due",
        "refusal_due_at",
        sqlite_where=text("refusal_due_at IS NOT NULL"),
        postgresql_where=text("refusal_due_at IS NOT NULL"),
    ),
)

edits: Final = Table(
    "edits",
    metadata,
    Column("id", StoredUuid, primary_key=True),
    Column("letter", StoredUuid, nullable=False),
    Column("died_at", UtcMicroseconds, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", UtcMicroseconds, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcMicroseconds),
    # The nachrichtenUUID under which its message was sent before it was corrected.
    Column("former_wire", StoredUuid),
    Column("content", LargeBinary),
    Index("edits_of_a_letter", "letter"),
    Index(
        "edits_by_former_wire",
        "former_wire",
        sqlite_where=text("former_wire IS NOT NULL"),
        postgresql_where=text("former_wire IS NOT NULL"),
    ),
    Index(
        "edits_proposed",
        "letter",
        unique=True,
        sqlite_where=text("state = 'proposed'"),
        postgresql_where=text("state = 'proposed'"),
    ),
)
"""What is proposed instead of a dead letter's content; one open proposal for each."""
