"""One plain connection to the broker, kept up: when it is lost, it is made again.

aio-pika's own robust layer is not used: one queue that cannot be declared again keeps the whole
robust connection from coming back (FACTS: aio-pika). Over amqps:// the broker proves its name;
where the hub has a certificate and its address no password, the certificate says who the hub is
(RabbitMQ's mechanism EXTERNAL).
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final, Never
from urllib.parse import unquote, urlsplit

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, TimeoutType
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ConnectionClosed
from aiormq.abc import ExceptionType
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_base, wait_random_exponential

from hub.broker.decoding import read_what_can_be_read
from hub.broker.patience import TIMEOUT, PatientChannel
from hub.broker.trouble import why_away
from hub.tls import Contexts, TlsFiles

__all__ = [
    "BROKER_FAILURES",
    "TIMEOUT",
    "ConnectionLost",
    "Link",
    "SpareChannel",
    "back_off",
    "close_quietly",
    "user_of",
    "within",
]


class ConnectionLost(ConnectionError):
    """The connection or channel went away while its answer was awaited."""


BROKER_FAILURES: Final = (*CONNECTION_EXCEPTIONS, TimeoutError)
"""Everything by which aio-pika says that the broker or the way to it failed."""

log = structlog.get_logger()

# It reports a returned or unexpected message by printing it, with its body: personal data.
logging.getLogger("aiormq").setLevel(logging.CRITICAL)

read_what_can_be_read()


def back_off() -> wait_base:
    """Between tries: up to 0.2 s, doubling to 5 s, at random, so that not all come at once."""
    return wait_random_exponential(multiplier=0.2, max=5)


@asynccontextmanager
async def within(limit: timedelta) -> AsyncIterator[None]:
    """Gives what is asked of the broker a limit, and an end of its own when it is lost.

    A silent network cut ends a pending call with `CancelledError`: it is let through only if
    the task itself is being cancelled (FACTS: aio-pika). And who is cancelled while a channel or
    connection is being closed is told of its end instead, or of nothing (aiormq 7.2): a task
    that goes on then keeps a hub that was told to end from ending.

    Raises:
        TimeoutError: after `limit`.
        ConnectionLost: aio-pika cancelled the call.
    """
    before = _cancellations()
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except asyncio.CancelledError:
        if _cancellations():
            raise
        raise ConnectionLost("the connection to the broker was lost") from None
    finally:
        if _cancellations() > before:
            raise asyncio.CancelledError


def _cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


class _Connection(aio_pika.Connection):
    """Closed also if it never came about: else its finaliser tries to, outside of any loop.

    It tries to as well where the broker was faster, so that closing failed.
    """

    CHANNEL_CLASS = PatientChannel

    async def connect(self, timeout: TimeoutType = None) -> None:  # noqa: ASYNC109 - aio-pika's
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise

    async def close(self, exc: ExceptionType | None = ConnectionClosed) -> None:
        try:
            await super().close(exc)
        except BaseException:
            await super().close(exc)  # there is nothing left to fail: now it counts as closed
            raise


def user_of(url: str) -> str:
    """The user of an AMQP address; one without is RabbitMQ's own `guest`."""
    return unquote(urlsplit(url).username or "guest")


def _with_mechanism(url: str, tls: TlsFiles) -> str:
    parts = urlsplit(url)
    by_certificate = parts.scheme == "amqps" and tls.certificate is not None
    return f"{url}?auth=external" if by_certificate and not parts.password else url


class Link:
    """Keeps one connection up from `open` to `close`."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        name: str,
        heartbeat: int,
        tls: TlsFiles,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`prepare` is awaited after each connect; the link is up when it went well."""
        self._urls = deque(urls)
        self._name = name
        self._heartbeat = heartbeat
        self._tls = tls
        self._contexts = Contexts()
        self._prepare = prepare
        self._connection: AbstractConnection | None = None
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[Never] | None = None
        self.trouble: str | None = None
        """Why there is no connection, in a sentence; None while there is one."""

    @property
    def current(self) -> AbstractConnection | None:
        """The connection, or None while there is none."""
        return self._connection if self._up.is_set() else None

    async def connection(self) -> AbstractConnection:
        """The connection; waits until there is one."""
        while (connection := self.current) is None:
            await self._up.wait()
        return connection

    async def connect(self) -> AbstractConnection:
        """One more connection, the caller's own to close; a host that fails goes to the end."""
        try:
            async with within(TIMEOUT):
                return await aio_pika.connect(
                    _with_mechanism(self._urls[0], self._tls),
                    heartbeat=self._heartbeat,
                    client_properties={"connection_name": self._name},
                    connection_class=_Connection,
                    ssl_context=await self._context(),
                )
        except BROKER_FAILURES:
            self._urls.rotate(-1)
            raise

    async def open(self) -> None:
        """Starts to keep the connection up; returns when it is up for the first time.

        Raises:
            TlsFilesWrong: a certificate or key cannot be loaded.
        """
        await self._context()
        self._keeper = asyncio.create_task(self._keep_up(), name=f"{self._name} link")
        try:
            await self._up.wait()
        except asyncio.CancelledError:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends it; what still hangs on the connection is lost."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        await self._disconnect()

    async def _keep_up(self) -> Never:
        while True:
            async for attempt in AsyncRetrying(
                wait=back_off(),
                # Whatever it is, also a fault of `prepare`: a supervisor that ends is worse.
                retry=retry_if_exception_type(Exception),
                before_sleep=self._report,
            ):
                with attempt:
                    await self._bring_up()
            log.info("broker.connected", link=self._name)
            await self._lost.wait()
            log.warning("broker.lost", link=self._name)
            await self._disconnect()

    async def _bring_up(self) -> None:
        self._lost.clear()
        self._connection = await self.connect()
        self._connection.close_callbacks.add(lambda *_: self._lost.set())
        try:
            if self._prepare is not None:
                await self._prepare()
        except BaseException:
            await self._disconnect()
            raise
        self.trouble = None
        self._up.set()

    async def _context(self) -> ssl.SSLContext:
        # Asked each time: a renewed certificate is shown with the next connection.
        return await asyncio.to_thread(self._contexts.of, self._tls)

    def _report(self, state: RetryCallState) -> None:
        error = None if state.outcome is None else state.outcome.exception()
        self.trouble = why_away(error)
        log.warning(
            "broker.away", link=self._name, error=type(error).__name__, sentence=self.trouble
        )

    async def _disconnect(self) -> None:
        self._up.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await close_quietly(connection)


class SpareChannel:
    """One channel of a connection, replaced when the broker has closed it."""

    def __init__(self, connection: AbstractConnection) -> None:
        self.connection = connection
        self._channel: AbstractChannel | None = None

    async def open(self) -> AbstractChannel:
        """The channel, open."""
        if self._channel is None or self._channel.is_closed:
            self._channel = self.connection.channel(publisher_confirms=False)
            await self._channel.initialize()
        return self._channel

    async def close(self) -> None:
        """Gives it back."""
        if self._channel is not None:
            await close_quietly(self._channel)


async def close_quietly(closing: AbstractConnection | AbstractChannel) -> None:
    """Closes what may be lost already."""
    with suppress(*BROKER_FAILURES):
        async with within(TIMEOUT):
            await closing.close()
