"""FORWARD: the submission of a case goes to another authority, since its own is not competent.

Outside party: the store. It is the same case, and a new message: it has another reader, so it has
a nachrichtenUUID of its own, and waits behind what is unfinished. From then on the case is that
authority's; the one that had it can no longer be answered. Whether anything may come up is
decided anew: the applicant must have signed in, and the new authority's system be able to answer.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from hub.model.downward import Submission
from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey, CaseId, MessageUuid
from hub.model.upward import NotCompetent
from hub.routing import Route, RoutingTable
from hub.stages.competence import check_forwarding, competent, submission_of
from hub.stages.content import Kept, open_kept, seal_kept
from hub.stages.standing import keep_phase
from hub.store import (
    Act,
    Case,
    Connection,
    Due,
    Event,
    Message,
    NewMessage,
    State,
    Store,
    audit,
    case_by_id,
    insert_message,
    lock_case,
    messages_of,
    move_case,
    record,
    unpublished,
)

__all__ = ["Forward", "Forwarded"]

_NAMESPACE: Final = UUID("3e1a7c52-9a43-5a0e-8a5d-6c1f0b7d2e94")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """From whom the case went to whom, and the message that goes there.

    `back_channel`: whether the new authority's answers reach the applicant.
    """

    case: CaseId
    source: AuthorityKey
    target: AuthorityKey
    message: MessageUuid
    back_channel: bool


class Forward:
    """Forwards what a person, or routing.yaml, says is to be forwarded."""

    def __init__(
        self,
        store: Store,
        table: Callable[[], RoutingTable],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._table = table
        self._now = now

    async def to(
        self, case: CaseId, authority: AuthorityKey, *, actor: str, reason: str
    ) -> Forwarded:
        """Forward the submission of a case to `authority`; DISPATCH sends it on its way.

        Raises:
            PermanentFailure: it cannot be forwarded there; nothing was changed.
        """
        plan = await self._store.read(lambda c: self._plan(c, case, authority))
        for document in plan.kept.message.documents:
            if not await self._store.documents.holds(case, document.sha256):
                raise PermanentFailure(
                    "document.missing", "A document of the submission is no longer in the store."
                )
        return await self._store.run(lambda c: self._carry_out(c, case, authority, actor, reason))

    async def by_rule(self, row: NewMessage, update: NotCompetent) -> None:
        """Forward where routing.yaml says so; where it cannot be done, a person has to decide."""
        authority = competent(self._table(), row.authority, update)
        if authority is None:
            return
        case = await self._store.read(lambda c: case_by_id(c, row.case))
        if case is None or case.authority != row.authority:
            return  # the same document came again after the case had gone on
        try:
            await self.to(row.case, authority, actor="hub", reason="routing.yaml")
        except PermanentFailure as failure:
            event = Event(
                case=row.case,
                message=row.id,
                at=self._now(),
                name="not_forwarded",
                stage="forward",
                authority=row.authority,
                detail={"to": authority, "cause": failure.cause},
            )
            await self._store.run(lambda c: record(c, event))

    def _plan(self, connection: Connection, id_: CaseId, authority: AuthorityKey) -> "_Plan":
        case = case_by_id(connection, id_)
        if case is None:
            raise PermanentFailure("case.unknown", f"There is no case {id_}.")
        rows = messages_of(connection, id_)
        route = check_forwarding(case, rows, self._table(), authority, self._now())
        submission = submission_of(rows)
        return _Plan(case, submission, route, self._opened(submission))

    def _opened(self, row: Message) -> Kept:
        if row.content is None:
            raise ValueError("what was checked has its content")
        return open_kept(self._store.sealer, row.content, row.id)

    def _carry_out(
        self,
        connection: Connection,
        id_: CaseId,
        authority: AuthorityKey,
        actor: str,
        reason: str,
    ) -> Forwarded:
        lock_case(connection, id_)
        plan, now = self._plan(connection, id_, authority), self._now()
        # Made of both, so that no second one can ever be for the same case and authority.
        message = MessageUuid(uuid5(_NAMESPACE, f"{id_}:{authority}"))
        row = self._row(plan, message, now)
        insert_message(connection, row)
        back_channel = plan.submission_has_back_channel and plan.route.back_channel
        move_case(connection, id_, authority, back_channel=back_channel)
        keep_phase(connection, id_)
        source = plan.case.authority
        record(connection, _event(row, source))
        detail = {"from": source, "to": authority, "message": str(message), "reason": reason}
        audit(connection, Act(now, actor, "case.forward", str(id_), detail))
        due = Due(message, id_, authority, "deliver", None, 0, row.trace)
        unpublished(connection, [due], now)
        return Forwarded(id_, source, authority, message, back_channel)

    def _row(self, plan: "_Plan", id_: MessageUuid, now: datetime) -> NewMessage:
        submission = plan.kept.message.model_copy(
            update={"id": id_, "authority": plan.route.authority.key, "place": None}
        )
        kept = plan.kept.model_copy(update={"message": submission})
        return NewMessage(
            id=id_,
            case=plan.case.id,
            direction="down",
            kind="submission",
            authority=plan.route.authority.key,
            wire=id_,
            answers=None,
            state=State.OWED,
            owes="deliver",
            provider=None,
            content=seal_kept(self._store.sealer, kept),
            digest=hashlib.sha256(submission.model_dump_json().encode()).hexdigest(),
            trace=plan.submission.trace,
            created_at=now,
            due_at=now,
            deadline=None,
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to go where. `submission` is the row of the one that went to the last authority."""

    case: Case
    submission: Message
    route: Route
    kept: Kept

    @property
    def submission_has_back_channel(self) -> bool:
        """Whether the applicant signed in: what the online service said, before any authority."""
        message = self.kept.message
        return isinstance(message, Submission) and message.back_channel


def _event(row: NewMessage, source: AuthorityKey) -> Event:
    return Event(
        case=row.case,
        message=row.id,
        at=row.created_at,
        name="forwarded",
        stage="forward",
        authority=row.authority,
        detail={"from": source, "to": row.authority, "kind": row.kind},
    )
