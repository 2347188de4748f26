"""What the hub's own messages carry: which message is meant, never what it says."""

from typing import Annotated

from pydantic import Field

from hub.model.identifiers import AuthorityKey, CaseId, MessageUuid
from hub.model.record import Record

__all__ = ["Reference"]


class Reference(Record):
    """Points at one row of the store; a few hundred bytes without personal data."""

    message: MessageUuid
    case: CaseId
    authority: AuthorityKey
    attempt: Annotated[int, Field(ge=0)] = 0
    trace: str | None = None
