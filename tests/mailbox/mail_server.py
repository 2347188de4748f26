"""A real SMTP server in a thread of its own, with STARTTLS, that misbehaves when told to."""

import logging
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from hub.sandbox.processes import free_port

Answer = Literal["busy", "no such user", "spam", "close", "close before"]
# It logs whom mails are for: the far end's affair, not the hub's.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

ACCOUNT = (b"hub", b"password of the hub")


class MailServer:
    """`mails`: what arrived. `answers`: to the next e-mails; after them it takes them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str | None, list[str]]] = []
        self.encrypted: list[bool] = []
        self.answers: deque[Answer] = deque()
        self.port = 0
        self._options: dict[str, Any] = {}
        self._controller: Controller | None = None

    def start(self, **options: Any) -> None:
        """Begin to listen, on the same port as before."""
        self._options = options or self._options
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port or free_port(), **self._options
        )
        self._controller.start()
        assert self._controller.server is not None
        self.port = self._controller.port

    def stop(self) -> None:
        assert self._controller is not None
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers[0] if self.answers else None
        if answer == "busy":
            self.answers.popleft()
            return f"451 4.7.1 <{address}> is greylisted"
        if answer == "no such user":
            self.answers.popleft()
            return f"550 5.1.1 <{address}> is unknown here"
        if answer == "close before":
            self.answers.popleft()
            assert server.transport is not None
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.popleft() if self.answers else None
        if answer == "spam":
            return "554 5.7.1 This looks like spam"
        content = envelope.original_content
        assert content is not None
        self.mails.append(message_from_bytes(content, policy=POLICY))  # type: ignore[arg-type]
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        if answer == "close":
            assert server.transport is not None
            server.transport.abort()
        return "250 Taken"


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == ACCOUNT, handled=False)


@contextmanager
def a_mail_server(**options: Any) -> Iterator[MailServer]:
    server = MailServer()
    server.start(**options)
    try:
        yield server
    finally:
        server.stop()


def starttls(context: ssl.SSLContext) -> dict[str, Any]:
    return {"tls_context": context, "require_starttls": True}
