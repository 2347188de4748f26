"""A migration of a hub that does not exist yet: a column, filled from another, and a table."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from tests.drills.newer import newest_known

revision: Final = "9001"
down_revision: Final = newest_known()
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """As any of ours would: what is added may be left empty by who does not know it."""
    op.add_column("cases", sa.Column("region", sa.Text))
    op.execute("UPDATE cases SET region = authority")
    op.create_index("cases_of_a_region", "cases", ["region"])
    op.create_table("upgrades", sa.Column("at", sa.BigInteger, nullable=False))
    op.execute("INSERT INTO upgrades (at) VALUES (1)")
