"""Whether an edit could pass: checked as the hub would on its way, and nothing is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hub.model.failure import AdapterFailed, PermanentFailure
from hub.model.upward import Upward
from hub.routing import RoutingTable
from hub.stages.again import content_gone
from hub.stages.content import Kept, open_kept, seal_kept
from hub.stages.editing import EditRefused, Shape, locked, locked_return, shape_of
from hub.stages.reading import read_message, wrong_fields
from hub.stages.returned import read_return
from hub.stages.translation import Translation
from hub.store import (
    Case,
    Connection,
    DeadLetter,
    Message,
    Sealer,
    Store,
    case_by_id,
    dead_letter_by_id,
    message_by_id,
)
from hub.workshop.workshop import Workshop
from hub.xml import Invalid

__all__ = ["Examination", "Subject", "content_of", "subject_of"]


@dataclass(frozen=True, slots=True)
class Subject:
    """An open dead letter, with all that an edit of its content is checked against."""

    letter: DeadLetter
    shape: Shape
    row: Message | None
    case: Case | None
    original: bytes


def subject_of(connection: Connection, sealer: Sealer, id_: UUID) -> Subject:
    """Look it up, and open it.

    Raises:
        PermanentFailure: it cannot be edited, or not any more.
    """
    letter = dead_letter_by_id(connection, id_)
    if letter is None:
        raise PermanentFailure("letter.unknown", f"There is no dead letter {id_}.")
    if letter.state != "open":
        raise PermanentFailure(
            "letter.decided", f"Dead letter {id_} is {letter.state}, and not open any more."
        )
    row = message_by_id(connection, letter.message) if letter.message is not None else None
    shape = shape_of(letter, row)
    sealed = letter.content if row is None else row.content
    if sealed is None:
        raise content_gone()
    if row is None:
        return Subject(letter, shape, None, None, sealer.open(sealed, f"dead:{id_}"))
    message = open_kept(sealer, sealed, row.id).message
    case = case_by_id(connection, row.case)
    return Subject(letter, shape, row, case, message.model_dump_json().encode())


def content_of(shape: Shape, body: bytes) -> bytes:
    """What is kept of a proposed body: of a message of the store its one form, no documents.

    Raises:
        EditRefused: it is no message to an authority.
    """
    if shape == "return":
        return body
    if wrong := wrong_fields(body):
        raise EditRefused("edit.invalid", wrong)
    if shape == "submission":
        return body
    return read_message(body).without_content().model_dump_json().encode()


class Examination:
    """Examines by the routes and formats of today."""

    def __init__(
        self,
        store: Store,
        table: Callable[[], RoutingTable],
        workshop: Workshop,
        now: Callable[[], datetime],
    ) -> None:
        self._sealer = store.sealer
        self._table = table
        self._workshop = workshop
        self._translation = Translation(store, table, workshop)
        self._now = now

    async def check(self, subject: Subject, content: bytes) -> None:
        """Pass if `content` may take the place of what the dead letter has.

        What has no row is read as its stage reads it: where it would go from there depends on
        what is in the store when it comes.

        Raises:
            EditRefused: a field, an element or a locked field is not as it must be.
            HubFailure: it could not be found out now.
        """
        content_of(subject.shape, content)
        match subject.shape:
            case "return":
                await self._check_return(subject, content)
            case "submission":
                if not wrong_fields(subject.original):
                    _refuse_locked(_locked(subject, content))
            case "message":
                _refuse_locked(_locked(subject, content))
                await self._translate(subject, content)

    async def _check_return(self, subject: Subject, content: bytes) -> None:
        try:
            after = await self._read(subject, content)
        except (PermanentFailure, AdapterFailed) as failure:
            raise _unfit(failure) from None
        try:
            before = await self._read(subject, subject.original)
        except (PermanentFailure, AdapterFailed):
            return  # nothing can be locked in what cannot be read
        _refuse_locked(locked_return(before, after))

    async def _read(self, subject: Subject, document: bytes) -> list[Upward]:
        authority, today = subject.letter.origin.get("authority", ""), self._now().date()
        return await read_return(self._workshop, self._table(), document, authority, today)

    async def _translate(self, subject: Subject, content: bytes) -> None:
        row, case = subject.row, subject.case
        if row is None or case is None:
            raise LookupError(f"dead letter {subject.letter.id} has no case")
        proposed = replace(
            row, content=seal_kept(self._sealer, Kept(message=read_message(content)))
        )
        try:
            await self._translation.translate(proposed, case, self._now().date())
        except (PermanentFailure, AdapterFailed) as failure:
            raise _unfit(failure) from None


def _locked(subject: Subject, content: bytes) -> list[str]:
    before, after = read_message(subject.original), read_message(content)
    return locked(before, after, filed=subject.row is not None)


def _refuse_locked(changed: Sequence[str]) -> None:
    if changed:
        said = "is locked: an edit mends what a message says, not whose it is."
        raise EditRefused("edit.locked", [(name, said) for name in changed])


def _unfit(failure: PermanentFailure | AdapterFailed) -> EditRefused:
    if isinstance(failure, Invalid):
        # Their text says element, line and rule, as it stands with every other refusal.
        return EditRefused("edit.unfit", [("", each.text) for each in failure.explanations])
    return EditRefused("edit.unfit", [(failure.location or "", failure.sentence)])
