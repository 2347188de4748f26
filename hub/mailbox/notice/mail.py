"""The e-mail that says that a letter waits, and nothing else.

E-mail may not carry content (OZG): no name, no authority, no application, no document, and neither
subject nor sender tells what the letter is about. Beside the hub's own sentences there is one link.
"""

from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from hub.language import Catalogue
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid

__all__ = ["address", "notice"]


def notice(
    letter: MessageUuid,
    sender: Address,
    recipient: Address,
    link: str,
    spoken: Sequence[Catalogue],
    now: datetime,
) -> EmailMessage:
    """Write the e-mail in the languages of the letter, one after the other.

    Its Message-ID comes from the letter, so a repeated one can be recognised. `Auto-Submitted`
    (RFC 3834) keeps answering machines from answering.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = " / ".join(each.say("notice.subject") for each in spoken)
    mail["Date"] = now
    mail["Message-ID"] = f"<{letter}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    parts = [each.say("notice.body", {"link": link}) for each in spoken]
    mail.set_content("\n\n* * *\n\n".join(parts) + "\n", charset="utf-8")
    return mail


def address(text: str) -> Address:
    """An e-mail address out of an account's name.

    Raises:
        PermanentFailure: it is none; without quoting it.
    """
    try:
        found = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        found = Address()
    if not found.username or not found.domain:
        raise PermanentFailure(
            "mailbox.account", "The account is no e-mail address.", location="mailbox.account"
        )
    return found
