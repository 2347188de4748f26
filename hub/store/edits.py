"""Edits: what one person proposes instead of the content of a dead letter, for another to approve.

A dead letter has one open proposal at most. It is made for one death: whatever becomes of the
letter meanwhile overtakes it. The content is deleted as soon as it is decided; what stays says
who, when, why, and the hash of what was meant.
"""
# ruff: noqa: A002 - an id is called id

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import MessageUuid
from hub.store import tables
from hub.store.messages import MESSAGE_COLUMNS, Message

__all__ = [
    "Edit",
    "EditState",
    "NewEdit",
    "decide_edit",
    "edit_by_id",
    "edit_sent",
    "edits_of",
    "message_by_former_wire",
    "open_edits",
    "overtake_edit",
    "propose_edit",
    "was_sent_as",
]

EditState = Literal["proposed", "approved", "withdrawn", "overtaken"]


@dataclass(frozen=True, slots=True)
class NewEdit:
    """What is proposed: `content` is sealed, `sha256` that of what was sealed.

    `died_at` tells the death of the letter that was looked at from any later one.
    """

    id: UUID
    letter: UUID
    died_at: datetime
    sha256: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Edit(NewEdit):
    """A proposal and what became of it. Nobody has decided what was overtaken."""

    state: EditState
    decided_by: str | None
    decided_at: datetime | None


def propose_edit(connection: Connection, new: NewEdit) -> bool:
    """Keep a proposal; False if its letter is not as it was seen, or has an open one already."""
    letter = connection.execute(_LETTER, {"letter": new.letter}).one_or_none()
    if letter is None or tuple(letter) != ("open", new.died_at):
        return False
    values = {field.name: getattr(new, field.name) for field in fields(NewEdit)}
    return connection.execute(_PROPOSE, values | {"state": "proposed"}).rowcount == 1


def edit_by_id(connection: Connection, id: UUID) -> Edit | None:
    """The edit, if there is one."""
    return next(iter(_read(connection.execute(_BY_ID, {"id": id}))), None)


def edits_of(connection: Connection, letter: UUID) -> list[Edit]:
    """Every edit of a dead letter, whatever became of it, the newest first."""
    return _read(connection.execute(_OF_LETTER, {"letter": letter}))


def open_edits(connection: Connection) -> list[Edit]:
    """Those that wait for a second person, the oldest first."""
    return _read(connection.execute(_OPEN))


def decide_edit(connection: Connection, id: UUID, state: EditState, by: str, at: datetime) -> bool:
    """Approve or withdraw a proposal, and forget its content; False if it is decided already."""
    connection.execute(_LOCK_LETTER_OF, {"edit": id})
    values = {"edit": id, "end": state, "by": by, "now": at}
    return connection.execute(_DECIDE, values).rowcount == 1


def edit_sent(connection: Connection, id: UUID, by: str, at: datetime) -> None:
    """Approved, and on its way: whatever its letter may have become of it by now."""
    connection.execute(_SENT, {"edit": id, "end": "approved", "by": by, "now": at})


def was_sent_as(connection: Connection, id: UUID, wire: MessageUuid) -> None:
    """Remember under which nachrichtenUUID a system may know what was corrected by an edit."""
    connection.execute(_WAS_SENT_AS, {"edit": id, "former": wire})


def message_by_former_wire(
    connection: Connection, wire: MessageUuid, authority: str
) -> Message | None:
    """The message that an authority was sent under this nachrichtenUUID before it was corrected."""
    row = connection.execute(_BY_FORMER_WIRE, {"wire": wire, "authority": authority}).first()
    return None if row is None else Message(*row)


def overtake_edit(connection: Connection, letter: UUID, at: datetime) -> None:
    """Whatever was proposed for a dead letter has come too late."""
    connection.execute(_OVERTAKE, {"of": letter, "now": at})


_TABLE: Final = tables.edits
_COLUMNS: Final = tuple(_TABLE.c[field.name] for field in fields(Edit))
_letters: Final = tables.dead_letters
# Until the transaction ends nobody else decides about the letter. SQLite has one writer anyway.
_LETTER: Final = (
    select(_letters.c.state, _letters.c.at)
    .where(_letters.c.id == bindparam("letter"))
    .with_for_update()
)
# The letter before its edit, in the order in which whatever becomes of the letter locks the two.
_LOCK_LETTER_OF: Final = (
    select(_letters.c.id)
    .where(
        _letters.c.id
        == select(_TABLE.c.letter).where(_TABLE.c.id == bindparam("edit")).scalar_subquery()
    )
    .with_for_update()
)
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_PROPOSE: Final = (
    insert(_TABLE)
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True)  # else not known after an INSERT
)
_BY_ID: Final = select(*_COLUMNS).where(_TABLE.c.id == bindparam("id"))
_OF_LETTER: Final = (
    select(*_COLUMNS)
    .where(_TABLE.c.letter == bindparam("letter"))
    .order_by(_TABLE.c.proposed_at.desc(), _TABLE.c.id)
)
_is_open: Final = _TABLE.c.state == "proposed"
_OPEN: Final = select(*_COLUMNS).where(_is_open).order_by(_TABLE.c.proposed_at, _TABLE.c.id)
_now: Final = bindparam("now", type_=_TABLE.c.decided_at.type)
_SENT: Final = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("edit"))
    .values(state=bindparam("end"), decided_by=bindparam("by"), decided_at=_now, content=None)
)
_DECIDE: Final = _SENT.where(_is_open)
_WAS_SENT_AS: Final = (
    update(_TABLE).where(_TABLE.c.id == bindparam("edit")).values(former_wire=bindparam("former"))
)
_messages: Final = tables.messages
_BY_FORMER_WIRE: Final = (
    select(*MESSAGE_COLUMNS)
    .join(_letters, _letters.c.message == _messages.c.id)
    .join(_TABLE, _TABLE.c.letter == _letters.c.id)
    .where(
        _TABLE.c.former_wire == bindparam("wire"), _messages.c.authority == bindparam("authority")
    )
)
_OVERTAKE: Final = (
    update(_TABLE)
    .where(_TABLE.c.letter == bindparam("of"), _is_open)
    .values(state="overtaken", decided_at=_now, content=None)
)


def _read(rows: Iterable[Iterable[Any]]) -> list[Edit]:
    return [Edit(*row) for row in rows]
