"""Replays that were published and came to nothing yet are found without looking at all others."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"
branch_labels: Final = None
depends_on: Final = None

_UNDER_WAY: Final = "state = 'replayed' AND message IS NULL AND passed_at IS NULL"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "dead_letters_under_way",
        "dead_letters",
        ["decided_at"],
        sqlite_where=sa.text(_UNDER_WAY),
        postgresql_where=sa.text(_UNDER_WAY),
    )
