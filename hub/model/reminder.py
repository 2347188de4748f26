"""A reminder: what the hub itself tells an applicant whose answer is still awaited.

The only letter that no system asked for. It adds nothing to the question but the day until
which it can be answered.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from hub.model.document import Document
from hub.model.identifiers import MessageUuid
from hub.model.record import Record

__all__ = ["Reminder"]


class Reminder(Record):
    """The question `about` (id of the update) is open, and its `deadline` is near."""

    type: Literal["reminder"] = "reminder"
    id: MessageUuid
    about: MessageUuid
    deadline: date
    created_at: AwareDatetime
    documents: tuple[Document, ...] = ()
