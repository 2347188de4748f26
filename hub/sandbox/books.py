"""Three books about the same messages, kept by different parties, and what each one says.

The applicants know what was confirmed to them, the simulated system what it received and
answered, the hub what it accepted and provided. None is made from another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hub.model.downward import DownwardKind, Language
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.upward import UpwardKind

__all__ = [
    "Books",
    "Confirmed",
    "HubMessage",
    "ReadLetter",
    "Received",
    "SentUpdate",
    "SystemBook",
    "joined",
]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The broker confirmed this message of an applicant at that time."""

    id: MessageUuid
    case: CaseId
    kind: DownwardKind
    at: datetime


@dataclass(frozen=True, slots=True)
class HubMessage:
    """A message of a case as the hub's store has it; `wire` is its nachrichtenUUID."""

    id: MessageUuid
    wire: MessageUuid
    direction: Literal["down", "up"]
    kind: str
    state: str
    handed_over_at: datetime | None
    accepted_at: datetime | None
    concluded_at: datetime | None
    deadline: date | None


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter as its applicant finds it: in whose mailbox, of what kind, with how many documents.

    `about` is the update it tells of.
    """

    account: str
    kind: str
    about: MessageUuid
    language: Language
    documents: int


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class Received(_Entry):
    """A message that the system took, with how often it came and whether it ever differed.

    `documents` counts those inside it, and those that came in packets.
    """

    uuid: UUID
    number: str
    system: str
    authority: str
    application_id: ApplicationId
    documents: int
    times: int
    other_contents: int
    complete_at: datetime | None


class SentUpdate(_Entry):
    """An update, receipt or refusal of the system; not sent yet where there is no time."""

    uuid: UUID
    application_id: ApplicationId
    kind: UpwardKind
    status: str | None
    sent_at: datetime | None
    refused_with: int | None


class SystemBook(_Entry):
    """What `GET /book` of the simulated systems shows, all together."""

    messages: tuple[Received, ...]
    updates: tuple[SentUpdate, ...]


def joined(books: Sequence[SystemBook]) -> SystemBook:
    """The books of several systems as one."""
    return SystemBook(
        messages=tuple(message for book in books for message in book.messages),
        updates=tuple(update for book in books for update in book.updates),
    )


@dataclass(frozen=True, slots=True)
class Books:
    """All of it, read at one time.

    Attributes:
        confirmed: the applicants' book.
        system: the book of all systems.
        hub: the hub's messages of each case.
        letters: those in each case's mailbox, in the order of their provision.
        dead: why each open dead letter of the hub is one: stage, cause, sentence.
        balanced: whether the hub's ledger balances; `differences` are those it names.
    """

    confirmed: Sequence[Confirmed]
    system: SystemBook
    hub: Mapping[CaseId, Sequence[HubMessage]]
    letters: Mapping[CaseId, Sequence[ReadLetter]]
    dead: Sequence[str]
    balanced: bool
    differences: Sequence[str]
