"""`begun` counts attempts that ended with the hub; those that ended in doubt count once.

Before, each failure in doubt was counted for as long as a message stayed so. What counted high
because its system had been away would now be taken for the reason of that many deaths.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0010"
down_revision: Final = "0009"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Leave what is in doubt in doubt, and count it once."""
    messages = sa.table("messages", sa.column("begun", sa.Integer), sa.column("state", sa.Text))
    op.execute(
        sa.update(messages).where(messages.c.state == "owed", messages.c.begun > 1).values(begun=1)
    )
