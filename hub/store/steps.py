"""Results of finished steps of a parcel or a letter, kept over retries: nothing is done twice."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.prepared import Prepared
from hub.store.tables import messages, steps

__all__ = ["forget_steps", "record_step", "steps_done", "steps_of_case"]


def steps_done(connection: Connection, id: MessageUuid) -> dict[str, str]:  # noqa: A002 - an id is called id
    """The result of each finished step, by its name."""
    return dict(_DONE.rows(connection, {"message": id}))


def steps_of_case(connection: Connection, case: CaseId, step: str) -> list[str]:
    """The results of one step in all messages of a case, in no particular order."""
    return list(connection.execute(_OF_CASE, {"case": case, "step": step}).scalars())


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


_DONE: Final = Prepared(
    select(steps.c.step, steps.c.result).where(steps.c.message == bindparam("message"))
)
_OF_CASE: Final = (
    select(steps.c.result)
    .join(messages, messages.c.id == steps.c.message)
    .where(messages.c.case_id == bindparam("case"), steps.c.step == bindparam("step"))
)
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_RECORD: Final = insert(steps).on_conflict_do_nothing(index_elements=["message", "step"])
_FORGET: Final = delete(steps).where(steps.c.message == bindparam("message"))
