"""The applicant's page: when a letter was first opened, and what was sent from there."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Letters that were there before have never been opened."""
    op.add_column("letters", sa.Column("read_at", sa.BigInteger))
    op.create_table(
        "sendings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("answers", sa.String(36)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_at", sa.BigInteger),
    )
    op.create_index("sendings_of_a_case", "sendings", ["case_id", "at"])
    op.create_index(
        "dead_letters_by_correlation",
        "dead_letters",
        ["correlation"],
        sqlite_where=sa.text("correlation IS NOT NULL"),
        postgresql_where=sa.text("correlation IS NOT NULL"),
    )
