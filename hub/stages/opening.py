"""Opening what lies sealed with a dead letter: by its id only, and never without a trace."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hub.model.failure import PermanentFailure
from hub.stages.content import open_kept, open_update
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Message,
    Store,
    audit,
    dead_letter_by_id,
    message_by_id,
)

__all__ = ["open_dead"]


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
        if row.direction == "down":
            return open_kept(store.sealer, row.content, row.id).message.model_dump_json(indent=2)
        return open_update(store.sealer, row.content, row.id).model_dump_json(indent=2)
    if letter.content is None:
        raise PermanentFailure("content.gone", "The content was deleted after it had served.")
    return store.sealer.open(letter.content, f"dead:{letter.id}").decode(errors="replace")
