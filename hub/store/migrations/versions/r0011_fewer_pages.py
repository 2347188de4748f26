"""One index of events instead of two, and none of ids that another index has already.

Each is a page of a large store that nobody else touches, to read, to write and to write again.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0011"
down_revision: Final = "0010"
branch_labels: Final = None
depends_on: Final = None

_KNOWN_BY_ANOTHER: Final = sa.text("wire <> id")


def upgrade() -> None:
    """Make the new ones before the old ones go."""
    op.create_index("events_of_a_message", "events", ["case_id", "message", "id", "name", "at"])
    op.drop_index("events_of_a_case", "events")
    op.drop_index("events_of_the_ledger", "events")
    op.drop_index("messages_by_wire", "messages")
    op.create_index(
        "messages_by_wire",
        "messages",
        ["wire", "authority", "direction"],
        sqlite_where=_KNOWN_BY_ANOTHER,
        postgresql_where=_KNOWN_BY_ANOTHER,
    )
