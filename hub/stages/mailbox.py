"""MAILBOX: one owed update is written as a letter and given to the applicant's mailbox.

Outside party: the mailbox provider. What counts is the time of provision (OZG § 9), so the
provider's answer is recorded, not the moment of sending. A provider that is away is parked, as an
authority is; the others go on. What came of an attempt is written down by `provision`.
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
from hub.model.failure import PermanentFailure, Refused, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Provided
from hub.model.reference import Reference
from hub.routing import RoutingTable
from hub.stages.announce import announce
from hub.stages.burial import bury_message
from hub.stages.content import open_profile, open_update
from hub.stages.cut_off import after_cut_offs
from hub.stages.decision import Again, Dead, Park, after_failure
from hub.stages.outage import Admission, Failures, admit, put_off
from hub.stages.provision import carry_out, place_of, provision_event, was_provided, withhold
from hub.stages.standing import german_day
from hub.store import (
    Case,
    Claimed,
    Connection,
    Message,
    Store,
    StoreAway,
    case_by_id,
    claim,
    record,
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
            withhold(connection, claimed.message, now)
            return None
        match after_cut_offs(connection, claimed, "mailbox", now):
            case Dead() as why:
                bury_message(connection, claimed.message, why, stage="mailbox", at=now)
                return None
            case Again():
                return None
        admission = admit(connection, place_of(claimed.message), now, _LEASE)
        if admission.until is not None:
            put_off(connection, claimed.message, admission.until)
            return admission
        if claimed.was_in_doubt:
            record(connection, provision_event(claimed.message, "in_doubt", now))
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
        self._failures.none_any_more(place_of(message))
        freed = await self._store.run(
            lambda c: was_provided(c, message, provided, self._retention, self._now)
        )
        if (short := provided.shortfall) is not None:
            ids = {"case": str(message.case), "message": str(message.id)}
            _log.warning(short.event, cause=short.cause, **ids)
        await announce(self._publisher, *freed)

    async def _failed(self, attempt: "_Attempt", failure: Exception, *, sending: bool) -> None:
        message, now = attempt.mine.message, self._now()
        outage, refused = False, sending and isinstance(failure, Refused)
        if refused:
            self._failures.none_any_more(place_of(message))
        elif (
            sending and isinstance(failure, TransientFailure) and not isinstance(failure, HalfDone)
        ):
            is_last = message.attempts >= _ATTEMPTS
            outage = self._failures.one_more(place_of(message), message.id, is_last_attempt=is_last)
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
        await self._store.run(
            lambda c: carry_out(
                c, attempt.mine, decision, now, probe=attempt.probe, refused=refused
            )
        )
        if isinstance(decision, Park):
            self._on_parked()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A letter that is being tried; `probe`: it finds out whether the provider is back."""

    mine: Claimed
    case: Case
    probe: bool


def _is_too_late(message: Message, now: datetime) -> bool:
    """A reminder that waited for its mailbox until the deadline serves nobody any more."""
    deadline = message.deadline if message.kind == "reminder" else None
    return deadline is not None and deadline <= german_day(now)
