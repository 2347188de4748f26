"""What is unfinished is counted at every look of an operator: by an index of nothing else."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_UNFINISHED: Final = "state IN ('owed', 'handed_over', 'dead')"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "messages_unfinished",
        "messages",
        ["authority", "owes", "state", "owed_since"],
        sqlite_where=sa.text(_UNFINISHED),
        postgresql_where=sa.text(_UNFINISHED),
    )
