"""When an update was said, by the authority's own clock; and the phase of a case as its state."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_PHASES: Final = """
UPDATE cases SET state = CASE
    WHEN state = 'ended' THEN 'ended'
    WHEN state = 'withdrawn' AND EXISTS (
        SELECT 1 FROM messages
        WHERE messages.case_id = cases.id AND messages.kind = 'withdrawal_answer')
        THEN 'withdrawn'
    WHEN state = 'withdrawn' THEN 'withdrawing'
    WHEN EXISTS (
        SELECT 1 FROM messages
        WHERE messages.case_id = cases.id AND messages.kind = 'not_competent')
        THEN 'not_competent'
    WHEN EXISTS (
        SELECT 1 FROM messages
        WHERE messages.case_id = cases.id AND messages.direction = 'up'
        AND messages.kind NOT IN ('receipt', 'refusal'))
        THEN 'in_progress'
    ELSE 'submitted'
END
"""


def upgrade() -> None:
    """Updates that were there before count from their arrival; their column stays empty."""
    op.add_column("messages", sa.Column("said_at", sa.BigInteger))
    op.execute(_PHASES)
