"""The situation in which a format is tried: which authority, which sender, which case.

Golden examples are written in it too, so that everybody's examples are about the same case.
"""

from typing import Any, Final
from uuid import UUID

from hub.adapter import Authority, Context, ReadContext
from hub.model.document import Document
from hub.model.downward import Downward, Party, Submission
from hub.model.failure import PermanentFailure
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.person import BuildingAddress, Contact

__all__ = ["APPLICATION", "AUTHORITY", "CASE", "READ_CONTEXT", "SENDER", "context_of"]

AUTHORITY: Final = Authority(key="990001", name="Ausländerbehörde Musterstadt")
READ_CONTEXT: Final = ReadContext(AUTHORITY)
CASE: Final = CaseId(UUID("aacffd8f-a448-57b1-b0e8-2368cd421399"))
APPLICATION: Final[ApplicationId] = "AT-2026-000001"
SENDER: Final = Party(
    key="alp:000000",
    name="Eingabeverfahren Muster",
    address=BuildingAddress(
        street="Musterstraße", house_number="1", postcode="00000", town="Musterstadt"
    ),
    contacts=(Contact(channel="01", value="muster@example.org"),),
)


def context_of(message: Downward, /, **given: Any) -> Context:
    """The context in which `message` is written, unless `given` says otherwise.

    What follows a submission belongs to the case of the examples, or to a case with another
    application: a format names the case by its application.
    """
    submission = message if isinstance(message, Submission) else None
    authority = submission.authority if submission else None
    values: dict[str, Any] = {
        "authority": Authority(authority or AUTHORITY.key, AUTHORITY.name),
        "message": MessageUuid(message.id),
        "created_at": message.created_at,
        "application_id": _application(message),
        "service": submission.service if submission else "employment",
        "sender": submission.sender if submission else SENDER,
        "back_channel": submission.back_channel if submission else True,
        "test": message.test,
        "load": _inline,
    }
    return Context(**values | given)


def _application(message: Downward) -> ApplicationId:
    if isinstance(message, Submission):
        return message.application_id
    return APPLICATION if message.case == CASE else f"AT-{message.case}"


def _inline(document: Document) -> bytes:
    if document.content is None:
        raise PermanentFailure("document.missing", "This document came without its content.")
    return document.content
