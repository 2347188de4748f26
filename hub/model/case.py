"""What the hub has to know of a case as long as letters may follow."""

from hub.model.downward import Language, MailboxAddress, Party
from hub.model.record import Record

__all__ = ["Profile"]


class Profile(Record):
    """Who sent the submission, and where and in which language the applicant reads letters."""

    sender: Party
    language: Language
    mailbox: MailboxAddress | None
