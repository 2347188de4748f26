"""MAILBOX: one owed update is written as a letter and given to the applicant's mailbox.

Outside party: the mailbox provider. What counts is the time of provision (OZG § 9), so the
provider's answer is recorded, not the moment of sending. A provider that is away is parked, as an
authority is; the others go on.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.broker import Delivery, Publisher, Verdict
from hub.mailbox import ANSWERED_BELOW, HalfDone, MailboxProvider
from hub.mailbox.letters import write_letter
from hub.model.failure import PermanentFailure, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Provided
from hub.model.reference import Reference
from hub.routing import RoutingTable
from hub.stages.announce import announce
from hub.stages.burial import bury_message
from hub.stages.content import open_profile, open_update
from hub.stages.cut_off import after_cut_offs
from hub.stages.decision import Again, Dead, Decision, Park, after_failure
from hub.stages.outage import (
    Admission,
    Failures,
    admit,
    answered,
    give_back_probe,
    met_outage,
    put_off,
)
from hub.stages.standing import german_day
from hub.store import (
    Case,
    Claimed,
    Connection,
    Due,
    Event,
    Message,
    State,
    Store,
    StoreAway,
    case_by_id,
    claim,
    finish,
    holds,
    lock_case,
    message_by_id,
    postpone,
    record,
    unpublished,
)

__all__ = ["Mailbox"]

_LEASE: Final = timedelta(minutes=5)
"""Longer than any provider takes: all of them give up before."""

_ATTEMPTS: Final = 12

_log = structlog.get_logger()


class Mailbox:
    """Handler of every `hub.mailbox.<provider>`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        providers: Mapping[str, MailboxProvider],
        owner: str,
        retention: timedelta,
        now: Callable[[], datetime],
        on_parked: Callable[[], None],
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._table = table
        self._providers = providers
        self._owner = owner
        self._retention = retention
        self._now = now
        self._on_parked = on_parked
        self._failures = Failures()

    async def handle(self, delivery: Delivery) -> Verdict:
        """Provide the letter that the reference means, if it is still owed."""
        reference = Reference.model_validate_json(delivery.body)
        claimed = await self._store.run(lambda c: self._claim(c, reference.message))
        if not isinstance(claimed, _Attempt):
            if claimed is not None:
                self._on_parked()
            return Verdict.ACK
        sending = False
        try:
            letter = await asyncio.to_thread(self._write, claimed.mine.message, claimed.case)
            provider = self._provider(letter)
            if self._now() >= claimed.mine.until:  # it stood still; another one has the letter
                return Verdict.ACK
            sending = True
            provided = await provider.deliver(letter)
        except StoreAway:
            raise
        except Exception as failure:  # noqa: BLE001 - the edge of the stage: it becomes a decision
            await self._failed(claimed, failure, sending=sending)
        else:
            await self._conclude(claimed.mine.message, provided)
        return Verdict.ACK

    def _claim(self, connection: Connection, message: MessageUuid) -> "_Attempt | Admission | None":
        now = self._now()
        claimed = claim(connection, message, self._owner, now, _LEASE)
        if not isinstance(claimed, Claimed):
            return None
        case = case_by_id(connection, claimed.message.case)
        if case is None:
            raise LookupError(f"message {message} has no case")
        if _is_too_late(claimed.message, now):
            _withhold(connection, claimed.message, now)
            return None
        match after_cut_offs(connection, claimed, "mailbox", now):
            case Dead() as why:
                bury_message(connection, claimed.message, why, stage="mailbox", at=now)
                return None
            case Again():
                return None
        admission = admit(connection, _place(claimed.message), now, _LEASE)
        if admission.until is not None:
            put_off(connection, claimed.message, admission.until)
            return admission
        if claimed.was_in_doubt:
            record(connection, _event(claimed.message, "in_doubt", now))
        return _Attempt(claimed, case, probe=admission.probe)

    def _write(self, message: Message, case: Case) -> Letter:
        profile = open_profile(self._store.sealer, case.profile, case.id)
        if message.content is None or profile.mailbox is None:
            raise PermanentFailure("content.gone", "The content was deleted after its time.")
        update = open_update(self._store.sealer, message.content, message.id)
        entry = self._table().authorities.get(message.authority)
        letter = write_letter(
            update,
            id=message.id,
            case=case.id,
            application_id=case.application_id,
            authority_name=entry.name if entry else message.authority,
            language=profile.language,
            mailbox=profile.mailbox,
            answered_below=message.provider in ANSWERED_BELOW,
        )
        load = self._store.documents.load
        documents = tuple(
            document.model_copy(update={"content": load(case.id, document.sha256)})
            for document in letter.documents
        )
        return letter.model_copy(update={"documents": documents})

    def _provider(self, letter: Letter) -> MailboxProvider:
        try:
            return self._providers[letter.mailbox.provider]
        except KeyError:
            raise PermanentFailure(
                "mailbox.unknown_provider",
                "The submission names a mailbox provider that this hub does not have; "
                f"it has {', '.join(sorted(self._providers))}.",
                location="mailbox.provider",
            ) from None

    async def _conclude(self, message: Message, provided: Provided) -> None:
        self._failures.none_any_more(_place(message))
        freed = await self._store.run(lambda c: self._provided(c, message, provided))
        if (short := provided.shortfall) is not None:
            ids = {"case": str(message.case), "message": str(message.id)}
            _log.warning(short.event, cause=short.cause, **ids)
        await announce(self._publisher, *freed)

    def _provided(self, connection: Connection, message: Message, provided: Provided) -> list[Due]:
        detail = dict(provided.detail)
        if provided.provider_reference is not None:
            detail["reference"] = provided.provider_reference
        lock_case(connection, message.case)  # two that bring the same must not both find it owed
        current = message_by_id(connection, message.id)
        if current is None or current.state is not State.OWED:
            record(connection, _event(message, "late", provided.at, **detail))
            return []
        events = [_event(message, "provided", provided.at, **detail)]
        if provided.shortfall is not None:
            name, cause = provided.shortfall.event, provided.shortfall.cause
            events.append(_event(message, name, self._now(), cause=cause))
        if answered(connection, _place(message)):
            events.append(_event(message, "resumed", self._now()))
        record(connection, *events)
        until = provided.at + self._retention
        return finish(connection, message.id, State.PROVIDED, provided.at, keep_content_until=until)

    async def _failed(self, attempt: "_Attempt", failure: Exception, *, sending: bool) -> None:
        message, now, outage = attempt.mine.message, self._now(), False
        if sending and isinstance(failure, TransientFailure) and not isinstance(failure, HalfDone):
            is_last = message.attempts >= _ATTEMPTS
            outage = self._failures.one_more(_place(message), message.id, is_last_attempt=is_last)
            outage = outage or attempt.probe
        decision = after_failure(
            failure,
            attempts=message.attempts,
            unexpected=message.unexpected,
            limit=_ATTEMPTS,
            now=now,
            outage=outage,
        )
        if isinstance(decision, Dead) and isinstance(failure, HalfDone):
            await self._conclude(message, failure.provided)
            return
        await self._store.run(lambda c: _carry_out(c, attempt, decision, now))
        if isinstance(decision, Park):
            self._on_parked()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A letter that is being tried; `probe`: it finds out whether the provider is back."""

    mine: Claimed
    case: Case
    probe: bool


def _carry_out(
    connection: Connection, attempt: _Attempt, decision: Decision, now: datetime
) -> None:
    message = attempt.mine.message
    if not holds(connection, message.id, attempt.mine.lease):
        # Provided meanwhile, or another's by now: who is at it decides.
        record(connection, _event(message, "late", now, cause=decision.cause))
        return
    if attempt.probe and not isinstance(decision, Park):
        give_back_probe(connection, _place(message), now)
    match decision:
        case Again(due_at=due_at, cause=cause, in_doubt=in_doubt, unexpected=unexpected):
            postpone(
                connection,
                message.id,
                due_at=due_at,
                cause=cause,
                unexpected=unexpected,
                in_doubt=in_doubt,
            )
            record(connection, _event(message, "postponed", now, cause=cause))
        case Park():
            _park(connection, attempt, decision, now)
        case Dead() as why:
            bury_message(connection, message, why, stage="mailbox", at=now)


def _is_too_late(message: Message, now: datetime) -> bool:
    """A reminder that waited for its mailbox until the deadline serves nobody any more."""
    deadline = message.deadline if message.kind == "reminder" else None
    return deadline is not None and deadline <= german_day(now)


def _withhold(connection: Connection, message: Message, now: datetime) -> None:
    record(connection, _event(message, "withheld", now, cause="deadline.over"))
    freed = finish(connection, message.id, State.WITHHELD, now, keep_content_until=now)
    unpublished(connection, freed, now)


def _park(connection: Connection, attempt: _Attempt, why: Park, now: datetime) -> None:
    message, place = attempt.mine.message, _place(attempt.mine.message)
    next_probe, new = met_outage(connection, place, why, now, probe=attempt.probe)
    if new:
        record(connection, _event(message, "parked", now, cause=why.cause, provider=place))
    postpone(
        connection,
        message.id,
        due_at=next_probe,
        cause=why.cause,
        burn=False,
        in_doubt=why.in_doubt,
    )


def _place(message: Message) -> str:
    """What is parked when the provider is away."""
    if message.provider is None:
        raise LookupError(f"message {message.id} is owed to no mailbox provider")
    return message.provider


def _event(message: Message, name: str, at: datetime, **detail: str | int) -> Event:
    return Event(
        case=message.case,
        message=message.id,
        at=at,
        name=name,
        stage="mailbox",
        authority=message.authority,
        attempt=message.attempts,
        detail=detail,
    )
