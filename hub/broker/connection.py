"""One plain connection to the broker, kept up: lost, it is made again, at the next host.

aio-pika's own robust layer is not used: one queue that cannot be declared again keeps the whole
robust connection from coming back (FACTS: aio-pika).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import cycle
from typing import Final, Never

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_base, wait_random_exponential

__all__ = ["BROKER_FAILURES", "TIMEOUT", "ConnectionLost", "Link", "back_off", "within"]

TIMEOUT: Final = timedelta(seconds=10)
"""How long anything asked of the broker may take, connecting included."""


class ConnectionLost(ConnectionError):
    """The connection or channel went away while its answer was awaited."""


BROKER_FAILURES: Final = (*CONNECTION_EXCEPTIONS, TimeoutError)
"""Everything by which aio-pika says that the broker or the way to it failed."""

log = structlog.get_logger()


def back_off() -> wait_base:
    """Between tries: up to 0.2 s, doubling to 5 s, at random, so that not all come at once."""
    return wait_random_exponential(multiplier=0.2, max=5)


@asynccontextmanager
async def within(limit: timedelta) -> AsyncIterator[None]:
    """Gives what is asked of the broker a limit, and an end of its own when it is lost.

    A silent network cut ends a pending call with `CancelledError`: it is let through only if
    the task itself is being cancelled (FACTS: aio-pika).

    Raises:
        TimeoutError: after `limit`.
        ConnectionLost: aio-pika cancelled the call.
    """
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise ConnectionLost("the connection to the broker was lost") from None


class Link:
    """Keeps one connection up from `open` to `close`."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        name: str,
        heartbeat: int,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`prepare` is awaited after each connect; the link is up when it went well."""
        self._urls = cycle(urls)
        self._name = name
        self._heartbeat = heartbeat
        self._prepare = prepare
        self._connection: AbstractConnection | None = None
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[Never] | None = None

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
        """One more connection to the next host, the caller's own to close."""
        async with within(TIMEOUT):
            return await aio_pika.connect(
                next(self._urls),
                heartbeat=self._heartbeat,
                client_properties={"connection_name": self._name},
            )

    async def open(self) -> None:
        """Starts to keep the connection up; returns when it is up for the first time."""
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
        self._up.set()

    def _report(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        log.warning("broker.away", link=self._name, error=type(error).__name__)

    async def _disconnect(self) -> None:
        self._up.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*BROKER_FAILURES):
                async with within(TIMEOUT):
                    await connection.close()
