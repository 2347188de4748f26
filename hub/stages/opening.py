"""Opening what lies sealed with a message or a dead letter: by id only, never without a trace."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.stages.content import open_kept, open_update
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Message,
    Sealer,
    Store,
    audit,
    dead_letter_by_id,
    message_by_id,
)

__all__ = ["open_dead", "open_message"]


async def open_dead(store: Store, id_: UUID, *, actor: str, now: Callable[[], datetime]) -> str:
    """What came in, as text; that it was opened is committed before it is.

    Raises:
        PermanentFailure: there is no such dead letter, or its content is gone or unreadable.
    """

    def unit(connection: Connection) -> tuple[DeadLetter, Message | None]:
        letter = dead_letter_by_id(connection, id_)
        if letter is None:
            raise PermanentFailure("letter.unknown", f"There is no dead letter {id_}.")
        audit(connection, Act(now(), actor, "dead.open", str(id_)))
        row = message_by_id(connection, letter.message) if letter.message is not None else None
        return letter, row

    letter, row = await store.run(unit)
    if row is not None and row.content is not None:
        return _text(store.sealer, row)
    if letter.content is None:
        raise _gone()
    return store.sealer.open(letter.content, f"dead:{letter.id}").decode(errors="replace")


async def open_message(
    store: Store, id_: MessageUuid, *, actor: str, now: Callable[[], datetime]
) -> tuple[CaseId, str]:
    """What a message says, and its case; that it was opened is committed before it is.

    Raises:
        PermanentFailure: there is no such message, or its content is gone or unreadable.
    """

    def unit(connection: Connection) -> Message:
        row = message_by_id(connection, id_)
        if row is None:
            raise PermanentFailure("message.unknown", f"There is no message {id_}.")
        if row.content is None:
            raise _gone()
        audit(connection, Act(now(), actor, "message.open", str(id_), {"case": str(row.case)}))
        return row

    row = await store.run(unit)
    return row.case, _text(store.sealer, row)


def _text(sealer: Sealer, row: Message) -> str:
    if row.content is None:
        raise _gone()
    if row.direction == "down":
        return open_kept(sealer, row.content, row.id).message.model_dump_json(indent=2)
    return open_update(sealer, row.content, row.id).model_dump_json(indent=2)


def _gone() -> PermanentFailure:
    return PermanentFailure("content.gone", "The content was deleted after it had served.")
