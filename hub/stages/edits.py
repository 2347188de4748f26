"""EDITS: one person corrects a dead letter, another lets it pass, and only then is it sent again.

An approval names the hash of what was shown, and exactly that is sent: a message of the store
under a new nachrichtenUUID; what was refused at the door as it came but for its body, and still
on behalf of whoever had sent it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hub.broker import Publisher
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.routing import RoutingTable
from hub.stages.again import (
    letter_event,
    may_be_published,
    owe_again,
    publish_again,
    replay_begun,
)
from hub.stages.content import open_kept, seal_kept
from hub.stages.editing import EditRefused, applied, difference, editable, same_person
from hub.stages.examining import Examination, Subject, content_of, subject_of
from hub.stages.reading import read_message
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Edit,
    NewEdit,
    Store,
    audit,
    correct,
    decide_edit,
    edit_by_id,
    edit_sent,
    edits_of,
    message_by_id,
    propose_edit,
    record,
    set_replayed,
    unpublished,
    was_sent_as,
)
from hub.workshop import Workshop

__all__ = ["Approved", "Edits", "Proposal"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal, opened: what it changes, and what is wrong with it by now."""

    edit: Edit
    difference: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What was sent on its way; `wire` is the new nachrichtenUUID of a message of the store."""

    edit: UUID
    letter: UUID
    sha256: str
    wire: MessageUuid | None


class Edits:
    """Proposes, shows, approves and withdraws, each in the name of one actor."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher | None,
        table: Callable[[], RoutingTable],
        workshop: Workshop,
        now: Callable[[], datetime],
    ) -> None:
        """`publisher` is needed only to approve what has no row."""
        self._store = store
        self._publisher = publisher
        self._examination = Examination(store, table, workshop, now)
        self._now = now

    async def begin(self, letter: UUID, *, actor: str) -> str:
        """The content of a dead letter as text to be edited; that it was opened is audited.

        Raises:
            PermanentFailure: it cannot be edited, or not any more.
        """

        def unit(connection: Connection) -> Subject:
            audit(connection, Act(self._now(), actor, "dead.open", str(letter)))
            return subject_of(connection, self._store.sealer, letter)

        subject = await self._store.run(unit)
        return editable(subject.shape, subject.original)

    async def propose(self, letter: UUID, text: str, *, actor: str, reason: str) -> Edit:
        """Propose `text` instead of the content, for another person to approve.

        Raises:
            EditRefused: it cannot pass as it is; `problems` says where and why.
            HubFailure: the letter cannot be edited now, or the check could not be made.
        """
        reason = reason.strip()[:500]
        if not reason:
            raise EditRefused("reason.missing", [("reason", "Say why; it is kept.")])
        subject = await self._store.read(lambda c: subject_of(c, self._store.sealer, letter))
        content = content_of(subject.shape, applied(subject.shape, subject.original, text))
        if not difference(subject.shape, subject.original, content):
            raise EditRefused("edit.unchanged", [("", "Nothing was changed; replay it as it is.")])
        await self._examination.check(subject, content)
        id_ = uuid4()
        new = NewEdit(
            id=id_,
            letter=letter,
            died_at=subject.letter.at,
            sha256=hashlib.sha256(content).hexdigest(),
            reason=reason,
            proposed_by=actor,
            proposed_at=self._now(),
            content=self._store.sealer.seal(content, _about(id_)),
        )
        return await self._store.run(lambda c: _propose(c, new))

    async def open(self, edit: UUID, *, actor: str) -> Proposal:
        """What a proposal changes; that it was opened is audited.

        Raises:
            HubFailure: there is none, it is decided, or the check could not be made.
        """
        proposed, content, subject = await self._opened(edit)
        act = _act(self._now(), actor, "edit.open", proposed)
        await self._store.run(lambda c: audit(c, act))
        problems: tuple[tuple[str, str], ...] = ()
        try:
            await self._examination.check(subject, content)
        except EditRefused as refused:
            problems = refused.problems
        return Proposal(proposed, difference(subject.shape, subject.original, content), problems)

    async def approve(self, edit: UUID, sha256: str, *, actor: str) -> Approved:
        """Send what was proposed on its way, if it is what was shown.

        Args:
            edit: the proposal.
            sha256: of the content that was shown to `actor`.
            actor: another person than whoever proposed it.

        Raises:
            EditRefused: it cannot pass any more.
            PermanentFailure: it is the same person, another content, or comes too late.
            TransientFailure: the broker did not confirm it; it is proposed still.
        """
        proposed, content, subject = await self._opened(edit)
        if same_person(proposed.proposed_by, actor):
            raise PermanentFailure(
                "edit.same_person", "Whoever proposed an edit cannot approve it; ask another."
            )
        if sha256.strip().lower() != hashlib.sha256(content).hexdigest():
            raise PermanentFailure(
                "edit.hash",
                "The hash is not that of what is proposed. Look at it again, and approve that.",
            )
        await self._examination.check(subject, content)
        if subject.row is None:
            await self._publish(proposed, content, subject.letter, actor)
            return Approved(edit, proposed.letter, proposed.sha256, None)
        wire = MessageUuid(uuid4())  # to the system, a corrected message is a new one
        await self._store.run(
            lambda c: self._correct(c, proposed, content, subject.letter, wire, actor)
        )
        return Approved(edit, proposed.letter, proposed.sha256, wire)

    async def withdraw(self, edit: UUID, *, actor: str) -> None:
        """Give a proposal up; raise PermanentFailure if there is none, or it is decided."""

        def unit(connection: Connection) -> None:
            proposed, now = _proposed(connection, edit), self._now()
            if not decide_edit(connection, edit, "withdrawn", actor, now):
                raise _overtaken()
            audit(connection, _act(now, actor, "edit.withdraw", proposed))

        await self._store.run(unit)

    async def _opened(self, edit: UUID) -> tuple[Edit, bytes, Subject]:
        def look(connection: Connection) -> tuple[Edit, bytes, Subject]:
            proposed, sealer = _proposed(connection, edit), self._store.sealer
            content = sealer.open(proposed.content or b"", _about(edit))
            return proposed, content, subject_of(connection, sealer, proposed.letter)

        return await self._store.read(look)

    def _correct(
        self,
        connection: Connection,
        proposed: Edit,
        content: bytes,
        letter: DeadLetter,
        wire: MessageUuid,
        actor: str,
    ) -> None:
        now, sealer = self._now(), self._store.sealer
        # First, since the replay itself overtakes whatever is still proposed.
        if not decide_edit(connection, proposed.id, "approved", actor, now):
            raise _overtaken()
        row = message_by_id(connection, letter.message) if letter.message is not None else None
        if row is None or row.content is None:
            raise _overtaken()
        kept = open_kept(sealer, row.content, row.id)
        corrected = seal_kept(sealer, kept.model_copy(update={"message": read_message(content)}))
        if not correct(connection, row.id, corrected, wire):
            raise _overtaken()
        was_sent_as(connection, proposed.id, row.wire)
        _write_down(connection, letter, proposed, actor, now, was=str(row.wire), wire=str(wire))
        due = owe_again(connection, letter, now)
        if due is None:
            raise _overtaken()
        unpublished(connection, [due], now)

    async def _publish(
        self, proposed: Edit, content: bytes, letter: DeadLetter, actor: str
    ) -> None:
        publisher = may_be_published(letter, self._publisher)

        def attempt(connection: Connection) -> None:
            now = self._now()
            _proposed(connection, proposed.id)
            _write_down(connection, letter, proposed, actor, now)
            replay_begun(connection, letter, now)

        def sent(connection: Connection) -> None:
            # If the hub was faster the letter has passed, or died again, and stays so. Each of
            # these overtakes the edit, which nevertheless is what was sent.
            set_replayed(connection, letter, self._now())
            edit_sent(connection, proposed.id, actor, self._now())

        await self._store.run(attempt)
        # Nobody vouches: an edit mends what is said, not the right of its sender to say it.
        await publish_again(publisher, letter, content, letter.origin.get("user", ""))
        await self._store.run(sent)


def _propose(connection: Connection, new: NewEdit) -> Edit:
    if not propose_edit(connection, new):
        raise PermanentFailure(
            "edit.there_is_one",
            "The letter changed meanwhile, or somebody has proposed an edit of it already.",
        )
    [edit] = [each for each in edits_of(connection, new.letter) if each.id == new.id]
    detail = {"reason": new.reason}
    audit(connection, _act(new.proposed_at, new.proposed_by, "edit.propose", edit, **detail))
    return edit


def _proposed(connection: Connection, id_: UUID) -> Edit:
    edit = edit_by_id(connection, id_)
    if edit is None:
        raise PermanentFailure("edit.unknown", f"There is no edit {id_}.")
    if edit.state != "proposed":
        raise PermanentFailure("edit.decided", f"Edit {id_} is {edit.state}, and proposed no more.")
    return edit


def _overtaken() -> PermanentFailure:
    return PermanentFailure(
        "edit.overtaken", "The letter, or the proposal, changed meanwhile; look at it again."
    )


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
    audit(connection, _act(at, actor, "edit.approve", edit, **uuids))


def _act(at: datetime, actor: str, action: str, edit: Edit, **more: str) -> Act:
    detail = {"letter": str(edit.letter), "sha256": edit.sha256, **more}
    return Act(at, actor, action, str(edit.id), detail)


def _about(edit: UUID) -> str:
    return f"edit:{edit}"
