"""What becomes of a proposed edit, as rows, events of the journal and acts of the audit.

Apart from EDITS, which opens, checks and publishes: each function is part of one unit. Two people
may decide at once, and the hub beside them: who comes second changes nothing, and is told so.
"""

from datetime import datetime
from uuid import UUID

from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.stages.again import letter_event, owe_again, replay_begun
from hub.stages.content import open_kept, seal_kept
from hub.stages.reading import read_message
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Edit,
    NewEdit,
    Sealer,
    audit,
    correct,
    decide_edit,
    edit_by_id,
    edits_of,
    message_by_id,
    propose_edit,
    record,
    unpublished,
    was_sent_as,
)

__all__ = [
    "begin_corrected",
    "edit_act",
    "enter_proposal",
    "overtaken",
    "owe_corrected",
    "proposed_edit",
]


def enter_proposal(connection: Connection, new: NewEdit) -> Edit:
    """Keep a proposal; raise PermanentFailure if there is one, or the letter changed."""
    if not propose_edit(connection, new):
        raise PermanentFailure(
            "edit.there_is_one",
            "The letter changed meanwhile, or somebody has proposed an edit of it already.",
        )
    [edit] = [each for each in edits_of(connection, new.letter) if each.id == new.id]
    detail = {"reason": new.reason}
    audit(connection, edit_act(new.proposed_at, new.proposed_by, "edit.propose", edit, **detail))
    return edit


def proposed_edit(connection: Connection, id_: UUID) -> Edit:
    """Give a proposal that is still one; raise PermanentFailure if it is decided, or never was."""
    edit = edit_by_id(connection, id_)
    if edit is None:
        raise PermanentFailure("edit.unknown", f"There is no edit {id_}.")
    if edit.state != "proposed":
        raise PermanentFailure("edit.decided", f"Edit {id_} is {edit.state}, and proposed no more.")
    return edit


def owe_corrected(
    connection: Connection,
    sealer: Sealer,
    proposed: Edit,
    content: bytes,
    letter: DeadLetter,
    wire: MessageUuid,
    actor: str,
    now: datetime,
) -> None:
    """Owe a message of the store again, with other content; DISPATCH publishes its reference.

    Args:
        connection: of the unit.
        sealer: opens what is kept of the message, and seals it again.
        proposed: what is approved.
        content: what that says, opened.
        letter: the dead letter of the message.
        wire: its new nachrichtenUUID.
        actor: who approves.
        now: when.

    Raises:
        PermanentFailure: the letter or the proposal changed meanwhile.
    """
    # First, since the replay itself overtakes whatever is still proposed.
    if not decide_edit(connection, proposed.id, "approved", actor, now):
        raise overtaken()
    row = message_by_id(connection, letter.message) if letter.message is not None else None
    if row is None or row.content is None:
        raise overtaken()
    kept = open_kept(sealer, row.content, row.id)
    corrected = seal_kept(sealer, kept.model_copy(update={"message": read_message(content)}))
    if not correct(connection, row.id, corrected, wire):
        raise overtaken()
    was_sent_as(connection, proposed.id, row.wire)
    _write_down(connection, letter, proposed, actor, now, was=str(row.wire), wire=str(wire))
    due = owe_again(connection, letter, now)
    if due is None:
        raise overtaken()
    unpublished(connection, [due], now)


def begin_corrected(
    connection: Connection, proposed: Edit, letter: DeadLetter, actor: str, now: datetime
) -> None:
    """What has no row is about to be published with other content; it is proposed until it was.

    Raises:
        PermanentFailure: it is proposed no more.
    """
    proposed_edit(connection, proposed.id)
    _write_down(connection, letter, proposed, actor, now)
    replay_begun(connection, letter, now)


def overtaken() -> PermanentFailure:
    """What to say to who comes second."""
    return PermanentFailure(
        "edit.overtaken", "The letter, or the proposal, changed meanwhile; look at it again."
    )


def edit_act(at: datetime, actor: str, action: str, edit: Edit, **more: str) -> Act:
    """What the audit says of an edit."""
    detail = {"letter": str(edit.letter), "sha256": edit.sha256, **more}
    return Act(at, actor, action, str(edit.id), detail)


def _write_down(
    connection: Connection,
    letter: DeadLetter,
    edit: Edit,
    actor: str,
    at: datetime,
    **uuids: str,
) -> None:
    record(
        connection,
        letter_event(
            letter,
            "edited",
            at,
            edit=str(edit.id),
            proposed_by=edit.proposed_by,
            approved_by=actor,
            sha256=edit.sha256,
            **uuids,
        ),
    )
    audit(connection, edit_act(at, actor, "edit.approve", edit, **uuids))
