"""Sends signed envelopes to the ZBP, and tells what was not sent from what may have arrived.

The message is put as `multipart/form-data`: the envelope in the part `json`, each document in a
part `files`, in the order of `attachments`. The status is posted as JSON. Both are as publicly
seen in test scripts for the provider's interface; its documentation is not public, so the
addresses are settings. Through FIT-Connect the same envelope would be the data of a submission:
another way, which is not built.
"""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Final

import aiohttp

from hub.mailbox.zbp.answer import NO_ANSWER, failure_of
from hub.mailbox.zbp.objects import File
from hub.model.failure import EndpointDown, HubFailure, TransientFailure

__all__ = ["Client"]

_MESSAGE_SECONDS: Final = 120.0
_STATE_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 10.0
_MAX_ANSWER_BYTES: Final = 64 * 1024
# Shorter than what servers commonly keep (5 s): a connection that the other side closes just
# when it is used again would put a letter in doubt for nothing.
_KEEP_ALIVE_SECONDS: Final = 4.0


class Client:
    """One session to the provider. Opens nothing before the first request; close it at the end."""

    def __init__(self, message_url: str, state_url: str, tls: ssl.SSLContext) -> None:
        self._message_url = message_url
        self._state_url = state_url
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def put_message(self, envelope: bytes, files: Sequence[File]) -> bytes:
        """Put a message with its documents; gives the body of the answer.

        Raises:
            EndpointDown: nothing was sent, or the settings are at fault.
            TransientFailure: not now; with `NO_ANSWER`, the provider may have it all the same.
            PermanentFailure: it can never pass; `Refused`: the provider said no.
        """
        # Names in UTF-8 as they are (RFC 7578, 5.1): aiohttp would percent-encode them for URLs.
        form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
        form.add_field("json", envelope.decode(), content_type="application/json")
        for file in files:
            # In pieces: a large body in one would hold the loop.
            content = BytesIO(file.content)
            form.add_field("files", content, content_type=file.media_type, filename=file.name)
        return await self._send("PUT", self._message_url, form, None, _MESSAGE_SECONDS)

    async def post_state(self, envelope: bytes) -> None:
        """Post a status; raises as `put_message`."""
        headers = {"Content-Type": "application/json"}
        await self._send("POST", self._state_url, BytesIO(envelope), headers, _STATE_SECONDS)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _send(
        self,
        method: str,
        url: str,
        data: aiohttp.FormData | BytesIO,
        headers: dict[str, str] | None,
        seconds: float,
    ) -> bytes:
        moment = SimpleNamespace(sent=False)
        try:
            async with self._open_session().request(
                method,
                url,
                data=data,
                headers=headers,
                ssl=self._tls,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS),
                trace_request_ctx=moment,
            ) as response:
                if response.ok:
                    return await _beginning(response)
                retry_after = response.headers.get("Retry-After")
                raise failure_of(response.status, retry_after, datetime.now(UTC))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, sent=moment.sent) from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "residence-hub", "Accept": "application/json"},
                trace_configs=[_watch_for_the_head()],
                middlewares=[_only_once],
            )
        return self._session


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """As much of the body as is read; it may come in pieces."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= _MAX_ANSWER_BYTES:
            break
    return bytes(body[:_MAX_ANSWER_BYTES])


async def _only_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keeps aiohttp from sending a PUT again by itself when the connection breaks.

    The method is idempotent by the book; whether the provider knows a letter that comes twice is
    not known. A second attempt is the hub's decision, and says that it is in doubt.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from None


def _broken(error: Exception, *, sent: bool) -> HubFailure:
    reason = type(error).__name__
    if sent:
        sentence = f"The mailbox provider was sent the letter and gave no answer ({reason})."
        return TransientFailure(NO_ANSWER, sentence, in_doubt=True)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        sentence = "The mailbox provider shows a certificate that the hub does not trust."
        return EndpointDown("mailbox.certificate", sentence)
    sentence = f"The mailbox provider cannot be reached ({reason})."
    return EndpointDown("mailbox.unreachable", sentence)


def _watch_for_the_head() -> aiohttp.TraceConfig:
    async def sent(
        session: aiohttp.ClientSession,  # noqa: ARG001 - aiohttp's signature of a trace
        context: SimpleNamespace,
        params: aiohttp.TraceRequestHeadersSentParams,  # noqa: ARG001 - the same
    ) -> None:
        context.trace_request_ctx.sent = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(sent)
    return trace
