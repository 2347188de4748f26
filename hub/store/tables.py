"""The tables: what is owed, what happened, and what waits for a person.

The newest migration makes exactly these tables (a test compares the two on both databases).
Conditions of partial indexes are written as text, and queries use the same constants: neither
SQLite nor a prepared PostgreSQL statement can match a bound parameter to a partial index.
"""

from enum import StrEnum, auto
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from hub.store.columns import DurationMicroseconds, JsonText, UtcMicroseconds, UuidText

__all__ = [
    "ENTERED_OR_CONCLUDED",
    "OWED_AND_FREE",
    "UNDER_WAY",
    "UNFINISHED",
    "State",
    "acts",
    "cases",
    "collectors",
    "cursors",
    "dead_letters",
    "edits",
    "events",
    "letters",
    "messages",
    "metadata",
    "parkings",
    "pauses",
    "pulse",
    "sendings",
    "steps",
    "successes",
    "used_links",
]


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

UNDER_WAY: Final = "state = 'replayed' AND message IS NULL AND passed_at IS NULL"
"""Dead letters without a row that were published again, and came to nothing yet."""

ENTERED_OR_CONCLUDED: Final = (
    "name IN ('received', 'forwarded', 'interpreted', 'reminded',"
    " 'accepted', 'provided', 'withheld', 'dead', 'discarded', 'replayed')"
)
"""Events that the ledger reads, one side of the double entry: how a message entered, and each
change of its state under the name of the new one."""

metadata: Final = MetaData()

cases: Final = Table(
    "cases",
    metadata,
    Column("id", UuidText, primary_key=True),
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
    Column("id", UuidText, primary_key=True),
    Column("case_id", UuidText, ForeignKey("cases.id"), nullable=False),
    Column("direction", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("authority", Text, nullable=False),
    Column("wire", UuidText, nullable=False),
    Column("answers", UuidText),
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
    Column("waits_for", UuidText),
    Column("attempts", Integer, nullable=False),
    Column("unexpected", Integer, nullable=False),
    Column("due_at", UtcMicroseconds),
    # Whether its reference should lie in a queue: published, and not taken from there since.
    Column("queued", Boolean, nullable=False),
    Column("owed_since", UtcMicroseconds),
    # Attempts begun since the last one whose end is known: 0 at rest, 1 while one runs.
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
    Index("messages_by_wire", "wire", "authority", "direction"),
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
    Column("message", UuidText, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("result", Text, nullable=False),
    Column("at", UtcMicroseconds, nullable=False),
)

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

dead_letters: Final = Table(
    "dead_letters",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("message", UuidText),
    Column("case_id", UuidText),
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
    Column("id", UuidText, primary_key=True),
    Column("letter", UuidText, nullable=False),
    Column("died_at", UtcMicroseconds, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", UtcMicroseconds, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcMicroseconds),
    # The nachrichtenUUID under which its message was sent before it was corrected.
    Column("former_wire", UuidText),
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

parkings: Final = Table(
    "parkings",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("since", UtcMicroseconds, nullable=False),
    Column("next_probe", UtcMicroseconds, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("cause", Text, nullable=False),
)

pauses: Final = Table(
    "pauses",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("since", UtcMicroseconds, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Authorities that a person has paused: only a person lets them go on."""

cursors: Final = Table(
    "cursors",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)
"""How far the documents of a system that counts them were collected."""

collectors: Final = Table(
    "collectors",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
)
"""Which hub fetches the documents of a system: of several on one store, one."""

letters: Final = Table(
    "letters",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("case_id", UuidText, nullable=False),
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
    Column("id", UuidText, primary_key=True),
    Column("case_id", UuidText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("answers", UuidText),
    Column("at", UtcMicroseconds, nullable=False),
    Column("confirmed_at", UtcMicroseconds),
    Index("sendings_of_a_case", "case_id", "at"),
)
"""What applicants sent from the hub's page: until INTAKE has it, it has no row of its own."""

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
