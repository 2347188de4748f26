"""The first tables."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

_OWED_AND_FREE: Final = "state = 'owed' AND waits_for IS NULL"
_ENTERED_OR_CONCLUDED: Final = (
    "name IN ('received', 'interpreted', 'accepted', 'provided', 'withheld',"
    " 'dead', 'discarded', 'replayed')"
)


def upgrade() -> None:
    """Make every table."""
    _cases()
    _messages()
    _steps()
    _events()
    _dead_letters()
    _parkings()
    _letters()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("application_id", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("provider", sa.Text),
        sa.Column("back_channel", sa.Boolean, nullable=False),
        sa.Column("test", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("profile", sa.LargeBinary, nullable=False),
    )
    op.create_index("cases_by_application", "cases", ["application_id", "sender"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("wire", sa.String(36), nullable=False),
        sa.Column("answers", sa.String(36)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("owes", sa.Text),
        sa.Column("provider", sa.Text),
        sa.Column("waits_for", sa.String(36)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("unexpected", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("queued", sa.Boolean, nullable=False),
        sa.Column("owed_since", sa.BigInteger),
        sa.Column("begun", sa.Integer, nullable=False),
        sa.Column("leased_by", sa.Text),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("trace", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("handed_over_at", sa.BigInteger),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("concluded_at", sa.BigInteger),
        sa.Column("cause", sa.Text),
        sa.Column("deadline", sa.Date),
        sa.Column("content_until", sa.BigInteger),
        sa.Column("content", sa.LargeBinary),
    )
    line = ["case_id", "direction", "position"]
    op.create_index("messages_of_a_case", "messages", line, unique=True)
    op.create_index("messages_by_wire", "messages", ["wire", "authority", "direction"])
    _partial_index(
        "messages_due", "messages", ["queued", "due_at", "owes", "authority"], _OWED_AND_FREE
    )
    _partial_index("messages_waiting", "messages", ["waits_for"], "waits_for IS NOT NULL")
    _partial_index("messages_to_forget", "messages", ["content_until"], "content_until IS NOT NULL")


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("message", sa.String(36), primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("case_id", sa.String(36)),
        sa.Column("message", sa.String(36)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("authority", sa.Text),
        sa.Column("attempt", sa.Integer),
        sa.Column("duration", sa.BigInteger),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("events_of_a_case", "events", ["case_id", "at"])
    columns = ["message", "name", "id", "at", "authority"]
    _partial_index("events_of_the_ledger", "events", columns, _ENTERED_OR_CONCLUDED)


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("message", sa.String(36)),
        sa.Column("case_id", sa.String(36)),
        sa.Column("authority", sa.Text),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("location", sa.Text),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("reply_to", sa.Text),
        sa.Column("correlation", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("refusal_sent_at", sa.BigInteger),
        sa.Column("refusal_attempts", sa.Integer, nullable=False),
        sa.Column("refusal_due_at", sa.BigInteger),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_index("dead_letters_by_state", "dead_letters", ["state", "at"])
    op.create_index("dead_letters_of_a_message", "dead_letters", ["message"])
    _partial_index(
        "dead_letters_refusal_due",
        "dead_letters",
        ["refusal_due_at"],
        "refusal_due_at IS NOT NULL",
    )


def _parkings() -> None:
    op.create_table(
        "parkings",
        sa.Column("authority", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("next_probe", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("account_hash", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("letters_of_a_case", "letters", ["case_id"])
    op.create_index("letters_of_an_account", "letters", ["account_hash"])


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
