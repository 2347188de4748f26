"""What applicants sent from the hub's own page, from the click until INTAKE has taken it in.

Ids and times only; the content is in the broker's hands. A row is written before the message is
published, so that a form that is sent twice, or again after a failure, is one and the same message.
"""
# ruff: noqa: A002 - an id is called id

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from hub.model.downward import DownwardKind
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import tables

__all__ = ["Sending", "begin_sending", "sending_by_id", "sending_confirmed", "sendings_of"]


@dataclass(frozen=True, slots=True)
class Sending:
    """One message on its way. `confirmed_at`: when the broker had it; None if that is not known."""

    id: MessageUuid
    case: CaseId
    kind: DownwardKind
    answers: MessageUuid | None
    at: datetime
    confirmed_at: datetime | None = None


def begin_sending(connection: Connection, sending: Sending) -> None:
    """Write down what is about to be published."""
    values = {
        "id": sending.id,
        "case_id": sending.case,
        "kind": sending.kind,
        "answers": sending.answers,
        "at": sending.at,
    }
    connection.execute(_BEGIN, values)


def sending_confirmed(connection: Connection, id: MessageUuid, at: datetime) -> None:
    """The broker has it safe."""
    connection.execute(_CONFIRM, {"sending": id, "now": at})


def sending_by_id(connection: Connection, id: MessageUuid) -> Sending | None:
    """What was sent under that id, if anything was."""
    row = connection.execute(_BY_ID, {"id": id}).one_or_none()
    return None if row is None else Sending(*row)


def sendings_of(connection: Connection, case: CaseId) -> list[Sending]:
    """Everything that was sent in a case, the oldest first."""
    return [Sending(*row) for row in connection.execute(_OF_CASE, {"case": case})]


_TABLE: Final = tables.sendings
_COLUMNS: Final = tuple(
    _TABLE.c.case_id if field.name == "case" else _TABLE.c[field.name] for field in fields(Sending)
)
_BEGIN: Final = insert(_TABLE)
_CONFIRM: Final = (
    update(_TABLE).where(_TABLE.c.id == bindparam("sending")).values(confirmed_at=bindparam("now"))
)
_BY_ID: Final = select(*_COLUMNS).where(_TABLE.c.id == bindparam("id"))
_OF_CASE: Final = (
    select(*_COLUMNS).where(_TABLE.c.case_id == bindparam("case")).order_by(_TABLE.c.at)
)
