"""The http transport: one session for all endpoints, one POST for each message.

What was not sent is told apart from what may have arrived: the moment at which the request's
head leaves divides `EndpointDown` from a delivery in doubt.
"""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Final

import aiohttp

from hub.adapter import Parcel, XmlMessage
from hub.model.failure import EndpointDown, HubFailure, PermanentFailure, TransientFailure
from hub.routing import Endpoint
from hub.transport import NO_ANSWER, Receipt, Steps, read_settings, wrong_in
from hub.transport.http.answer import MAX_ANSWER_BYTES, Answer, judge
from hub.transport.http.settings import HttpSettings, in_the_clear, missing_files, token
from hub.transport.http.tls import TlsContexts
from hub.xml import serialise

__all__ = ["HttpTransport"]

_CONNECTIONS_PER_SYSTEM: Final = 32
_CONNECT_SECONDS: Final = 10.0
# Shorter than what servers commonly keep (5 s): a connection that the other side closes just
# when it is used again would put a delivery in doubt for nothing.
_KEEP_ALIVE_SECONDS: Final = 4.0


class HttpTransport:
    """Delivers by HTTP. Opens nothing before the first delivery."""

    def __init__(self) -> None:
        self._contexts = TlsContexts()
        self._places: dict[str, asyncio.Semaphore] = {}
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, parcel: Parcel, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Post the messages in their order; see `hub.transport.Transport`."""
        settings = read_settings(HttpSettings, endpoint)
        _refuse_what_http_cannot_carry(parcel)
        receipts: list[Receipt] = []
        for message in parcel.messages:
            step = str(message.uuid)
            if (result := steps.done.get(step)) is not None:
                receipts.append(_from_result(result))
                continue
            receipts.append(await self._post(message, endpoint, settings))
            # The end of the last step is the end of the parcel: its receipt is recorded anyway.
            if message is not parcel.messages[-1]:
                await steps.record(step, _as_result(receipts[-1]))
        return Receipt(
            accepted=all(receipt.accepted for receipt in receipts),
            at=receipts[-1].at,
            number=next((receipt.number for receipt in receipts if receipt.number), None),
        )

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings, secrets and certificates that they name."""
        if wrong := wrong_in(HttpSettings, endpoint):
            return wrong
        settings = read_settings(HttpSettings, endpoint)
        wrong = missing_files(settings) or _sentence_of(self._contexts.of, settings)
        wrong += _sentence_of(token, settings)
        if endpoint.stage == "production" and in_the_clear(settings):
            wrong.append("endpoint.url: applications must not travel unencrypted; write https://…")
        return wrong

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(
        self, message: XmlMessage, endpoint: Endpoint, settings: HttpSettings
    ) -> Receipt:
        # Waiting for a free place is the hub's own affair: the system's timeout starts after it.
        place = self._places.setdefault(endpoint.system, asyncio.Semaphore(_CONNECTIONS_PER_SYSTEM))
        async with place:
            body, headers, context = await asyncio.to_thread(self._prepare, message, settings)
            answer = await self._exchange(endpoint.system, settings, body, headers, context)
        return judge(answer, endpoint.system, datetime.now(UTC))

    def _prepare(
        self, message: XmlMessage, settings: HttpSettings
    ) -> tuple[bytes, dict[str, str], ssl.SSLContext]:
        """Whatever blocks: serialising up to 50 MB, reading secrets and certificates."""
        headers = {
            "Content-Type": f"application/xml; charset={message.encoding.lower()}",
            "Accept": "application/json, application/xml",
            "Accept-Encoding": "identity",
            "Idempotency-Key": str(message.uuid),
        }
        if (secret := token(settings)) is not None:
            headers["Authorization"] = f"Bearer {secret}"
        return serialise(message.root, message.encoding), headers, self._contexts.of(settings)

    async def _exchange(
        self,
        system: str,
        settings: HttpSettings,
        body: bytes,
        headers: dict[str, str],
        context: ssl.SSLContext,
    ) -> Answer:
        moment = SimpleNamespace(sent=False)
        try:
            async with self._open_session().post(
                settings.url,
                data=BytesIO(body),  # sent in pieces: a large body in one would hold the loop
                headers=headers,
                ssl=context,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=settings.timeout_seconds, sock_connect=_CONNECT_SECONDS
                ),
                trace_request_ctx=moment,
            ) as response:
                return Answer(
                    response.status, response.headers.get("Retry-After"), await _bounded(response)
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, system, sent=moment.sent) from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                # Bounded by places: a full pool would count as the system's delay.
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "residence-hub"},
                trace_configs=[_watch_for_the_head()],
            )
        return self._session


def _refuse_what_http_cannot_carry(parcel: Parcel) -> None:
    if not parcel.messages:
        raise PermanentFailure("parcel.empty", "The parcel holds no message.")
    if parcel.attachments:
        raise PermanentFailure(
            "parcel.attachments",
            f"The http transport carries XML only; {len(parcel.attachments)} documents lie beside"
            " it. The format must embed them.",
        )


def _as_result(receipt: Receipt) -> str:
    state = "accepted" if receipt.accepted else "handed-over"
    return f"{state} {receipt.at.isoformat()} {receipt.number or ''}".rstrip()


def _from_result(result: str) -> Receipt:
    state, at, *number = result.split(" ", 2)
    return Receipt(state == "accepted", datetime.fromisoformat(at), number[0] if number else None)


def _sentence_of(use: Callable[[HttpSettings], object], settings: HttpSettings) -> list[str]:
    try:
        use(settings)
    except HubFailure as failure:
        return [failure.sentence]
    return []


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return None
    return bytes(body)


def _broken(error: Exception, system: str, *, sent: bool) -> HubFailure:
    reason = type(error).__name__
    if sent:
        # Also where TLS 1.3 judges the hub's certificate: after the head has left, and often
        # with a bare reset. Doubt is the truth then.
        return TransientFailure(
            NO_ANSWER,
            f"System {system} took the message and gave no answer ({reason}).",
            in_doubt=True,
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return EndpointDown(
            "endpoint.certificate", f"System {system} shows a certificate the hub does not trust."
        )
    return EndpointDown("endpoint.unreachable", f"System {system} cannot be reached ({reason}).")


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
