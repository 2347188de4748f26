"""Hands an e-mail to the mail server, and says what its answer means.

Encrypted, or not at all: `smtp://` insists on STARTTLS (a server that does not offer it is no
place for an applicant's address), `smtps://` begins with TLS, `smtp+plain://` is for a server on
this machine. One connection per e-mail: there are few, and servers close idle ones.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib

from hub.model.failure import EndpointDown, HubFailure, PermanentFailure, TransientFailure
from hub.tls import Contexts, TlsFiles

__all__ = ["MailSender", "Server"]

_SECONDS: Final = 60.0
"""For one e-mail, with the wait for a place: who is slower than that is away."""

_ANSWER_SECONDS: Final = 30.0
_AT_ONCE: Final = 4
"""Connections: mail servers turn away who comes with many."""

_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: its address, what it is trusted by, and who logs in there, if anybody."""

    url: str
    ca_file: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class MailSender:
    """Sends by one server.

    Raises:
        TlsFilesWrong: the file of those whom to trust is not what it should be.
    """

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.url)
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._mode = parts.scheme
        self._tls = Contexts().of(TlsFiles(server.ca_file, setting="HUB_SMTP_CA_FILE"))
        self._user = server.user
        self._password = server.password
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def send(self, mail: EmailMessage) -> None:
        """Send to the one recipient that the e-mail names.

        Raises:
            EndpointDown: the server is away, or the settings are at fault.
            TransientFailure: not now; in doubt where it may have been taken all the same.
            PermanentFailure: this recipient, or this e-mail, is refused.
        """
        moment = SimpleNamespace(sent=False)
        try:
            async with asyncio.timeout(_SECONDS), self._places:
                await self._send(mail, moment)
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise _failure_of(error, sent=moment.sent) from None

    async def _send(self, mail: EmailMessage, moment: SimpleNamespace) -> None:
        connection = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=_ANSWER_SECONDS,
            use_tls=self._mode == "smtps",
            start_tls=False,  # not at connecting: whether it is offered is asked by ourselves
            tls_context=None if self._mode == "smtp+plain" else self._tls,
        )
        await connection.connect()
        try:
            if self._mode == "smtp":
                await self._encrypt(connection)
            if self._user is not None:
                await connection.login(self._user, self._password or "")
            await connection.mail(mail["From"].addresses[0].addr_spec)
            await connection.rcpt(mail["To"].addresses[0].addr_spec)
            moment.sent = True
            await connection.data(mail.as_bytes())
            # Taken. What the server says to a goodbye changes nothing.
        finally:
            connection.close()

    async def _encrypt(self, connection: aiosmtplib.SMTP) -> None:
        await connection.ehlo()
        if not connection.supports_extension("starttls"):
            sentence = "The mail server offers no STARTTLS; it was told nothing. See HUB_SMTP_URL."
            raise EndpointDown("notice.unencrypted", sentence)
        await connection.starttls(tls_context=self._tls)


def _failure_of(error: Exception, *, sent: bool) -> HubFailure:
    """By what was said to what. The server's own words may quote the recipient: left out."""
    match error:
        case aiosmtplib.SMTPRecipientRefused(code=code) | aiosmtplib.SMTPDataError(code=code):
            return _said_of_the_mail(code)
        case aiosmtplib.SMTPAuthenticationError(code=code):
            sentence = f"The mail server does not accept the credentials ({code}); see HUB_SMTP_…."
            return EndpointDown("notice.denied", sentence)
        case aiosmtplib.SMTPSenderRefused(code=code) if code >= 500:
            sentence = f"The mail server refuses the sender ({code}); see HUB_SMTP_FROM."
            return EndpointDown("notice.denied", sentence)
        case aiosmtplib.SMTPResponseException(code=code) if code >= 500:
            sentence = f"The mail server refuses to talk ({code})."
            return EndpointDown("notice.denied", sentence)
        case aiosmtplib.SMTPResponseException(code=code):
            return TransientFailure("notice.busy", f"The mail server said {code}: not now.")
        case ssl.SSLCertVerificationError():
            sentence = "The mail server shows a certificate that the hub does not trust."
            return EndpointDown("notice.certificate", sentence)
    reason = type(error).__name__
    if sent:
        sentence = f"The mail server was sent the e-mail and gave no answer ({reason})."
        return TransientFailure("notice.no_answer", sentence, in_doubt=True)
    sentence = f"The mail server cannot be reached as the settings say ({reason})."
    return EndpointDown("notice.unreachable", sentence)


def _said_of_the_mail(code: int) -> HubFailure:
    if code >= 500:
        sentence = f"The mail server refuses the recipient or the e-mail ({code})."
        return PermanentFailure("notice.refused", sentence)
    return TransientFailure("notice.busy", f"The mail server said {code}: not now.")
