"""Results of the finished steps of a parcel, kept over retries so that nothing is sent twice."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import MessageUuid
from hub.store.tables import steps

__all__ = ["forget_steps", "record_step", "steps_done"]


def steps_done(connection: Connection, id: MessageUuid) -> dict[str, str]:  # noqa: A002 - an id is called id
    """The result of each finished step, by its name."""
    return {row.step: row.result for row in connection.execute(_DONE, {"message": id})}


def record_step(
    connection: Connection,
    id: MessageUuid,  # noqa: A002 - an id is called id
    step: str,
    result: str,
    at: datetime,
) -> None:
    """Say that a step is finished. The first result stays: what was done is done."""
    connection.execute(_RECORD, {"message": id, "step": step, "result": result, "at": at})


def forget_steps(connection: Connection, id: MessageUuid) -> None:  # noqa: A002 - an id is called id
    """Begin anew: what was sent before was refused, and has to be sent again as a whole."""
    connection.execute(_FORGET, {"message": id})


_DONE: Final = select(steps.c.step, steps.c.result).where(steps.c.message == bindparam("message"))
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_RECORD: Final = insert(steps).on_conflict_do_nothing(index_elements=["message", "step"])
_FORGET: Final = delete(steps).where(steps.c.message == bindparam("message"))
