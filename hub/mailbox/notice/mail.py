"""The e-mail that says that a letter waits, and nothing else.

E-mail may not carry content (OZG): no name, no authority, no application, no document, and neither
subject nor sender tells what the letter is about. Beside the hub's own sentences there is one link.
"""

import json
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from importlib.resources import files
from typing import Final

from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid

__all__ = ["address", "notice"]

_LANGUAGES: Final = ("de", "en")
"""Both, one after the other: as letters are written to readers of a language without texts."""


def notice(
    letter: MessageUuid, sender: Address, recipient: Address, link: str, now: datetime
) -> EmailMessage:
    """Write the e-mail. Its Message-ID comes from the letter, so a repeated one can be recognised.

    `Auto-Submitted` (RFC 3834) keeps answering machines from answering.
    """
    spoken = [_texts(language) for language in _LANGUAGES]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = " / ".join(texts["notice.subject"] for texts in spoken)
    mail["Date"] = now
    mail["Message-ID"] = f"<{letter}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    parts = [f"{texts['notice.body']}\n\n{link}\n\n{texts['notice.closing']}" for texts in spoken]
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


@cache
def _texts(language: str) -> dict[str, str]:
    path = files("hub.mailbox.notice").joinpath("texts", f"{language}.json")
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts
