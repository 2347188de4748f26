"""Acts and pauses; what replays, forwarding and reminders look for."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

_ENTERED_OR_CONCLUDED: Final = (
    "name IN ('received', 'forwarded', 'interpreted', 'reminded',"
    " 'accepted', 'provided', 'withheld', 'dead', 'discarded', 'replayed')"
)


def upgrade() -> None:
    """Make the tables of acts and pauses; forwarding and reminding enter the ledger."""
    _acts()
    _pauses()
    _dead_letters()
    _partial_index("messages_with_deadline", "messages", ["deadline"], "deadline IS NOT NULL")
    op.drop_index("events_of_the_ledger", "events")
    columns = ["message", "id", "name", "at", "authority"]
    _partial_index("events_of_the_ledger", "events", columns, _ENTERED_OR_CONCLUDED)


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("authority", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _dead_letters() -> None:
    op.add_column("dead_letters", sa.Column("kind", sa.Text))
    replays = sa.Column("replays", sa.Integer, nullable=False, server_default="0")
    op.add_column("dead_letters", replays)
    op.add_column("dead_letters", sa.Column("passed_at", sa.BigInteger))
    op.execute(
        "UPDATE dead_letters SET kind ="
        " (SELECT kind FROM messages WHERE messages.id = dead_letters.message)"
    )


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
