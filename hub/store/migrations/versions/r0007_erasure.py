"""When a case was erased; and letters by their time, since they are not kept for ever."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Add the time, with an index of the few cases that have one, and the index of letters."""
    op.add_column("cases", sa.Column("erased_at", sa.BigInteger))
    op.create_index(
        "cases_erased",
        "cases",
        ["erased_at"],
        sqlite_where=sa.text("erased_at IS NOT NULL"),
        postgresql_where=sa.text("erased_at IS NOT NULL"),
    )
    op.create_index("letters_by_time", "letters", ["at"])
