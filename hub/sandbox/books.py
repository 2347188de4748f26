"""Three books about the same messages, kept by different parties, and what each one says.

The applicants know what was confirmed to them, the simulated system what it received and
answered, the hub what it accepted and provided. None is made from another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hub.model.downward import DownwardKind
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.upward import UpdateKind

__all__ = ["Books", "Confirmed", "HubMessage", "Received", "SentUpdate", "SystemBook"]


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


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class Received(_Entry):
    """A message that the system took, with how often it came and whether it ever differed."""

    uuid: UUID
    number: str
    system: str
    authority: str
    application_id: ApplicationId
    times: int
    other_contents: int
    complete_at: datetime | None


class SentUpdate(_Entry):
    """An update of the system; not sent yet where there is no time."""

    uuid: UUID
    application_id: ApplicationId
    kind: UpdateKind
    sent_at: datetime | None
    refused_with: int | None


class SystemBook(_Entry):
    """What `GET /book` of the simulated systems shows, all together."""

    messages: tuple[Received, ...]
    updates: tuple[SentUpdate, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """All of it, read at one time.

    Attributes:
        confirmed: the applicants' book.
        system: the book of all systems.
        hub: the hub's messages of each case.
        letters: kinds of the letters in each case's mailbox, in the order of their provision.
        dead: why each open dead letter of the hub is one: stage, cause, sentence.
        balanced: whether the hub's ledger balances; `differences` are those it names.
    """

    confirmed: Sequence[Confirmed]
    system: SystemBook
    hub: Mapping[CaseId, Sequence[HubMessage]]
    letters: Mapping[CaseId, Sequence[str]]
    dead: Sequence[str]
    balanced: bool
    differences: Sequence[str]
