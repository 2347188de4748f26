"""One session for all endpoints, one POST at a time for whoever asks.

What was not sent is told apart from what may have arrived: the moment at which the request's
head leaves divides `EndpointDown` from a delivery in doubt.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Final

import aiohttp

from hub.model.failure import HubFailure, TransientFailure, Unreachable
from hub.routing import Endpoint
from hub.tls import Contexts
from hub.traceparent import continued
from hub.transport import NO_ANSWER, read_settings, wrong_in
from hub.transport.address import address
from hub.transport.posting.answer import Answer, reached
from hub.transport.posting.names import Names
from hub.transport.posting.settings import PostingSettings, missing_files, tls, token

__all__ = ["Poster", "Request"]

_CONNECTIONS_PER_ADDRESS: Final = 32
"""By address, not by system: one product may be installed at many, and one that hangs holds its
places until it times out."""

_CONNECT_SECONDS: Final = 10.0
_PIECE_BYTES: Final = 64 * 1024
# Shorter than what servers commonly keep (5 s): a connection that the other side closes just
# when it is used again would put a delivery in doubt for nothing.
_KEEP_ALIVE_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted. Credentials are the poster's own affair."""

    body: bytes
    content_type: str
    accept: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Poster:
    """Posts to endpoints. Opens nothing before the first request."""

    def __init__(self) -> None:
        self._contexts = Contexts()
        self._places: dict[str | None, asyncio.Semaphore] = {}
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self,
        endpoint: Endpoint,
        request: Request | Callable[[], Request],
        *,
        max_answer_bytes: int,
    ) -> Answer:
        """Post a request, and read the answer.

        One that is made only now is made in a worker thread: that may block and take its time.

        Raises:
            EndpointDown: nothing was sent; the endpoint or its settings are at fault.
            TransientFailure: it was sent and no answer came; with the cause `NO_ANSWER`.
        """
        settings = read_settings(PostingSettings, endpoint)
        # Waiting for a free place is the hub's own affair: the system's timeout starts after it.
        place = self._places.setdefault(
            address(endpoint), asyncio.Semaphore(_CONNECTIONS_PER_ADDRESS)
        )
        async with place:
            if not isinstance(request, Request):
                request = await asyncio.to_thread(request)
            secret, context = await self._credentials(settings)
            headers = _headers(request, secret)
            return await self._exchange(
                endpoint.system, settings, request.body, headers, context, max_answer_bytes
            )

    async def probe(self, endpoint: Endpoint) -> str:
        """Ask what the address takes (OPTIONS: RFC 9110, 9.3.7): safe, and delivers nothing.

        Asked once more without the token: who denies that has looked at the token before.

        Raises:
            EndpointDown or TransientFailure: a delivery would not arrive either.
        """
        settings = read_settings(PostingSettings, endpoint)
        secret, context = await self._credentials(settings)
        answer = await self._ask(endpoint.system, settings, secret, context)
        bare = None if secret is None else await self._ask(endpoint.system, settings, None, context)
        return reached(answer, bare, endpoint.system, datetime.now(UTC))

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings, secrets and certificates that they name."""
        if wrong := wrong_in(PostingSettings, endpoint):
            return wrong
        settings = read_settings(PostingSettings, endpoint)
        wrong = missing_files(settings) or _sentence_of(
            lambda chosen: tls(chosen, self._contexts), settings
        )
        return wrong + _sentence_of(token, settings)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _credentials(self, settings: PostingSettings) -> tuple[str | None, ssl.SSLContext]:
        """Token and TLS context; in a worker thread where files have to be looked at."""

        def read() -> tuple[str | None, ssl.SSLContext]:
            return token(settings), tls(settings, self._contexts)

        return await asyncio.to_thread(read) if settings.names_files else read()

    async def _exchange(
        self,
        system: str,
        settings: PostingSettings,
        body: bytes,
        headers: dict[str, str],
        context: ssl.SSLContext,
        max_answer_bytes: int,
    ) -> Answer:
        moment = SimpleNamespace(sent=False)
        try:
            async with self._open_session().post(
                settings.url,
                data=body if len(body) <= _PIECE_BYTES else _pieces(body),
                headers={**headers, "Content-Length": str(len(body))},  # else pieces go as chunks
                ssl=context,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=settings.timeout_seconds, sock_connect=_CONNECT_SECONDS
                ),
                trace_request_ctx=moment,
            ) as response:
                return Answer(
                    response.status,
                    response.headers.get("Retry-After"),
                    await _bounded(response, max_answer_bytes),
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, system, sent=moment.sent) from None

    async def _ask(
        self,
        system: str,
        settings: PostingSettings,
        secret: str | None,
        context: ssl.SSLContext,
    ) -> Answer:
        try:
            async with self._open_session().options(
                settings.url,
                headers={} if secret is None else {"Authorization": f"Bearer {secret}"},
                ssl=context,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=settings.timeout_seconds, sock_connect=_CONNECT_SECONDS
                ),
                trace_request_ctx=SimpleNamespace(),
            ) as response:
                return Answer(response.status, response.headers.get("Retry-After"), None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken(error, system, sent=False) from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                # Bounded by places: a full pool would count as the system's delay.
                connector=aiohttp.TCPConnector(
                    limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS, resolver=Names()
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "residence-hub"},
                trace_configs=[_watch_for_the_head()],
            )
        return self._session


def _headers(request: Request, secret: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": request.content_type,
        "Accept": request.accept,
        "Accept-Encoding": "identity",
        **continued(),
        **request.headers,
    }
    if secret is not None:
        headers["Authorization"] = f"Bearer {secret}"
    return headers


def _sentence_of(use: Callable[[PostingSettings], object], settings: PostingSettings) -> list[str]:
    try:
        use(settings)
    except HubFailure as failure:
        return [failure.sentence]
    return []


async def _pieces(body: bytes) -> AsyncIterator[memoryview]:
    """A large body in one would hold the loop; aiohttp copies a BytesIO to find out its size."""
    whole = memoryview(body)
    for start in range(0, len(body), _PIECE_BYTES):
        yield whole[start : start + _PIECE_BYTES]


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes | None:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
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
        return Unreachable(
            "endpoint.certificate", f"System {system} shows a certificate the hub does not trust."
        )
    return Unreachable("endpoint.unreachable", f"System {system} cannot be reached ({reason}).")


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
