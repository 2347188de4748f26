"""What is owed to authorities, page by page, for who only looks."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.model.identifiers import MessageUuid
from hub.store.cases import Case
from hub.store.messages import MESSAGE_COLUMNS, Message
from hub.store.tables import State, cases, messages

__all__ = ["owed_downward"]


def owed_downward(
    connection: Connection, *, after: MessageUuid | None = None, limit: int
) -> list[tuple[Message, Case]]:
    """Up to `limit` messages still to be delivered, with their cases, in the order of their ids.

    Args:
        connection: one that only reads will do.
        after: the last message of the page before.
        limit: messages on this page; their contents are read into memory.
    """
    page = _OWED if after is None else _OWED.where(messages.c.id > bindparam("after"))
    parameters = {"most": limit} if after is None else {"most": limit, "after": after}
    width = len(MESSAGE_COLUMNS)
    return [
        (Message(*row[:width]), Case(*row[width:])) for row in connection.execute(page, parameters)
    ]


_OWED: Final = (
    select(*MESSAGE_COLUMNS, *cases.c)
    .join(cases, cases.c.id == messages.c.case_id)
    .where(messages.c.direction == "down", messages.c.state == State.OWED)
    .order_by(messages.c.id)
    .limit(bindparam("most"))
)
