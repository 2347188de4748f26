"""What operators look at: what is unfinished, cases by what is known of them, the pulse."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None

_UNFINISHED: Final = "state IN ('owed', 'handed_over', 'dead')"


def upgrade() -> None:
    """Make the indexes, the pulse, and the links used."""
    op.create_index(
        "messages_unfinished",
        "messages",
        ["authority", "owes", "state", "owed_since"],
        sqlite_where=sa.text(_UNFINISHED),
        postgresql_where=sa.text(_UNFINISHED),
    )
    op.create_index("dead_letters_of_a_case", "dead_letters", ["case_id"])
    op.create_index("cases_by_time", "cases", ["created_at", "id"])
    op.create_index("cases_of_an_authority", "cases", ["authority", "created_at", "id"])
    op.create_index("cases_of_a_service", "cases", ["service", "created_at", "id"])
    op.create_index("cases_in_a_state", "cases", ["state", "created_at", "id"])
    op.create_table(
        "pulse",
        sa.Column("minute", sa.Integer, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "successes",
        sa.Column("authority", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "used_links",
        sa.Column("nonce", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
