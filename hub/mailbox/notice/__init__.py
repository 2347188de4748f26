"""Letters that wait in the hub's own mailbox, with an e-mail that says only that they do."""

from hub.mailbox.notice.mail import address
from hub.mailbox.notice.mailbox import NoticeMailbox
from hub.mailbox.notice.sending import MailSender, Server

__all__ = ["MailSender", "NoticeMailbox", "Server", "address"]
