"""The journal: what happened to each message, appended and never changed.

Ids, codes and counts only: no content, no name, nothing an applicant wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.prepared import Prepared
from hub.store.tables import events

__all__ = ["Event", "journey", "record", "take_recorded"]

_RECORDED: Final = "hub.recorded"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `name` is a word for it such as `received`, the same everywhere."""

    case: CaseId | None
    message: MessageUuid | None
    at: datetime
    name: str
    stage: str
    authority: str | None = None
    attempt: int | None = None
    duration: timedelta | None = None
    detail: Mapping[str, str | int] = field(default_factory=dict)


def record(connection: Connection, *events: Event) -> None:
    """Append events, in this order."""
    if events:
        _INSERT.each(connection, [_values(event) for event in events])
        connection.info.setdefault(_RECORDED, []).extend(events)


def take_recorded(connection: Connection) -> tuple[Event, ...]:
    """What was recorded on this connection since this was last asked."""
    return tuple(connection.info.pop(_RECORDED, ()))


def journey(connection: Connection, case: CaseId) -> list[Event]:
    """Everything that happened to one case, in order."""
    return [Event(*row) for row in connection.execute(_JOURNEY, {"case": case})]


_COLUMNS: Final = (
    events.c.case_id,
    events.c.message,
    events.c.at,
    events.c.name,
    events.c.stage,
    events.c.authority,
    events.c.attempt,
    events.c.duration,
    events.c.detail,
)
_INSERT: Final = Prepared(
    insert(events).values({column: bindparam(column.name) for column in _COLUMNS})
)
_JOURNEY: Final = (
    select(*_COLUMNS)
    .where(events.c.case_id == bindparam("case"))
    .order_by(events.c.at, events.c.id)
)


def _values(event: Event) -> dict[str, Any]:
    return {
        "case_id": event.case,
        "message": event.message,
        "at": event.at,
        "name": event.name,
        "stage": event.stage,
        "authority": event.authority,
        "attempt": event.attempt,
        "duration": event.duration,
        "detail": event.detail,
    }
