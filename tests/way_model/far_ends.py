"""The systems of authorities and the mailboxes, in memory: each keeps a book of its own.

They read and write with the sandbox's own readers and writers, not with the adapters. A system
knows a message that came before by its UUID; whether it answers at once or by a receipt of its
own is its vendor's way.
"""
# ruff: noqa: ARG002 - the signatures are those of the originals

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from lxml import etree

from hub.mailbox import MailboxProvider
from hub.model.failure import EndpointDown, Refused, TransientFailure
from hub.model.letter import Letter, Provided
from hub.routing import Endpoint
from hub.sandbox import alster_updates, updates
from hub.sandbox.alster_reading import unpack
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from hub.sandbox.xauslaender import read as read_xauslaender
from hub.transport import NO_ANSWER, Receipt, Steps, Transport
from hub.transport.sftp.archive import pack
from hub.workshop.packed import Packed
from tests.way_model.faults import Fault, Faults
from tests.way_model.scheduling import Scheduler

__all__ = ["ModelMailbox", "ModelTransport", "Office"]

_LATER: Final = timedelta(minutes=1)


@dataclass
class Office:
    """The system of one authority.

    `taken`: what it has, in the order in which it came first; `contents`: under which UUID which
    contents came; `refused`: what it will never take; `outgoing`: what it has to send; `needless`:
    what came again although the hub had it accepted, as `settled` says; `is_strict`: it refuses
    the next that is new.
    """

    authority: str
    version: str | None
    fresh: Callable[[], UUID]
    taken: list[Incoming] = field(default_factory=list)
    contents: dict[UUID, set[str]] = field(default_factory=dict)
    refused: set[UUID] = field(default_factory=set)
    outgoing: list[bytes] = field(default_factory=list)
    settled: set[UUID] = field(default_factory=set)
    needless: list[UUID] = field(default_factory=list)
    is_strict: bool = False

    def take(self, parcel: Packed, now: datetime, *, refuse: bool) -> bool:
        """Take a message or refuse it; whether that is said by the answer itself."""
        (head,) = parcel.messages
        message = self._read(parcel)
        digest = hashlib.sha256(head.data).hexdigest()
        self.contents.setdefault(message.uuid, set()).add(digest)
        self.needless += self.settled & {message.uuid}
        known = any(each.uuid == message.uuid for each in self.taken)
        if message.uuid in self.refused or (not known and (refuse or self.is_strict)):
            self.is_strict = False
            self.refused.add(message.uuid)
            self._refuse(message, now)
            return False
        if not known:
            self.taken.append(message)
        if self.version is None:
            return True
        uuid = self.fresh()
        self.outgoing.append(alster_updates.write_receipt(message, self.version, uuid, now))
        return False

    def write(self, answer: Answer, to: Incoming, uuid: UUID, now: datetime) -> bytes:
        """An update to a message that it has."""
        if self.version is None:
            return updates.write(answer, to, uuid, now)
        return alster_updates.write_update(answer, to, self.version, uuid, now)

    def _read(self, parcel: Packed) -> Incoming:
        (head,) = parcel.messages
        if self.version is None:
            return read_xauslaender(etree.fromstring(head.data))
        return unpack(pack(head, parcel.attachments))[0]

    def _refuse(self, message: Incoming, now: datetime) -> None:
        if self.version is None:
            raise Refused("The system refused the message.", codes=["S001"])
        uuid = self.fresh()
        body = alster_updates.write_refusal(message.uuid, "S001", "Muster", self.version, uuid, now)
        self.outgoing.append(body)


class ModelTransport(Transport):
    """Brings parcels to the offices, by the name of their system."""

    def __init__(
        self,
        offices: Mapping[str, Office],
        scheduler: Scheduler,
        faults: Faults,
        now: Callable[[], datetime],
    ) -> None:
        self._offices = offices
        self._scheduler = scheduler
        self._faults = faults
        self._now = now

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        await self._scheduler.point()
        fault = self._faults.meet("system")
        _stumble(fault)
        at_once = self._offices[endpoint.system].take(parcel, self._now(), refuse=fault == "refuse")
        if fault == "doubt":
            raise TransientFailure(NO_ANSWER, "No answer came.", in_doubt=True)
        await self._scheduler.point()
        return Receipt(accepted=at_once, at=self._now())

    def check(self, endpoint: Endpoint) -> list[str]:
        return []

    async def close(self) -> None:
        """There is nothing to close."""


class ModelMailbox(MailboxProvider):
    """All mailboxes of one provider.

    `letters`: in the order in which they came first; `needless`: those that came again although
    the hub had them provided, as `settled` says.
    """

    def __init__(self, scheduler: Scheduler, faults: Faults, now: Callable[[], datetime]) -> None:
        self.letters: dict[UUID, Letter] = {}
        self.settled: set[UUID] = set()
        self.needless: list[UUID] = []
        self._at: dict[UUID, datetime] = {}
        self._scheduler = scheduler
        self._faults = faults
        self._now = now

    async def deliver(self, letter: Letter) -> Provided:
        await self._scheduler.point()
        fault = self._faults.meet("mailbox")
        _stumble(fault)
        self.needless += self.settled & {letter.id}
        self.letters.setdefault(letter.id, letter)
        self._at.setdefault(letter.id, self._now())
        if fault == "doubt":
            raise TransientFailure("mailbox.no_answer", "No answer came.", in_doubt=True)
        await self._scheduler.point()
        return Provided(at=self._at[letter.id])


def _stumble(fault: Fault | None) -> None:
    match fault:
        case "down":
            raise EndpointDown("endpoint.unreachable", "Nobody is there.")
        case "later":
            raise TransientFailure("endpoint.busy", "Later.", retry_after=_LATER)
        case "bug":
            raise RuntimeError("a bug")
