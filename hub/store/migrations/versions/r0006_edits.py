"""What one person proposes instead of the content of a dead letter, and another approves."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None

_PROPOSED: Final = "state = 'proposed'"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "edits",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("letter", sa.String(36), nullable=False),
        sa.Column("died_at", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("former_wire", sa.String(36)),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_index("edits_of_a_letter", "edits", ["letter"])
    op.create_index(
        "edits_by_former_wire",
        "edits",
        ["former_wire"],
        sqlite_where=sa.text("former_wire IS NOT NULL"),
        postgresql_where=sa.text("former_wire IS NOT NULL"),
    )
    op.create_index(
        "edits_proposed",
        "edits",
        ["letter"],
        unique=True,
        sqlite_where=sa.text(_PROPOSED),
        postgresql_where=sa.text(_PROPOSED),
    )
