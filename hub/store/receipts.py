"""What was handed over and never got its receipt: it may be lost at the other side.

A queue of a system may lie on a broker that lost its disk, a file in a folder that was restored
from yesterday. Who has it already knows it by its UUID.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, literal_column, select, text, update

from hub.store.messages import MESSAGE_COLUMNS, Message
from hub.store.steps import forget_steps
from hub.store.tables import UNFINISHED, State, messages

__all__ = ["owe_without_receipt"]


def owe_without_receipt(
    connection: Connection, before: datetime, now: datetime, limit: int
) -> list[Message]:
    """Owe up to `limit` messages again that were handed over before then; gives them.

    They are in doubt: the next attempt sends the whole parcel, under the same UUIDs.
    """
    parameters = {"before": before, "now": now, "most": limit}
    owed = [Message(*row) for row in connection.execute(_OWE, parameters)]
    for message in owed:
        forget_steps(connection, message.id)
    return owed


# Picked in a part of its own: PostgreSQL may run a subquery with SKIP LOCKED more than once.
_picked: Final = (
    select(messages.c.id)
    .where(
        # In the index's own words: else all messages that ever were are read, with the writer.
        text(UNFINISHED),
        messages.c.state == literal_column("'handed_over'"),
        messages.c.handed_over_at <= bindparam("before"),
    )
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_OWE: Final = (
    update(messages)
    .where(messages.c.id.in_(select(_picked.c.id)))
    .values(state=State.OWED, due_at=bindparam("now"), queued=False, begun=1)
    .returning(*MESSAGE_COLUMNS)
)
