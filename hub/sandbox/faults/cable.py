"""A network cable to pull: it lies before one server and passes bytes, until it is told not to.

Pulled in every way in which a network fails: refused, silent, slow, or broken off in the middle
of what was being said. It knows nothing of what it carries, so TLS and SSH go through it as well.
"""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from hub.sandbox.processes import free_port

__all__ = ["Cable"]

_HOST: Final = "127.0.0.1"
_CHUNK: Final = 65536
_TICKS_PER_SECOND: Final = 20
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing sends RST, not FIN
_POSTGRESQL_PORT: Final = 5432


class Cable:
    """Listens on a port of its own and passes everything on to the server of `url`.

    Args:
        url: whose host and port are named, or whose `host` is the folder of PostgreSQL's socket.

    Attributes:
        url: the same, by way of this cable.
    """

    def __init__(self, url: str) -> None:
        self._dial = _dialling(url)
        self._port = free_port()
        self.url = _by_way_of(url, self._port)
        self._listening: socket.socket | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._writers: set[StreamWriter] = set()
        self._passing = asyncio.Event()
        self._bytes_per_second: int | None = None
        self._breaks: dict[bool, _Break] = {}

    def black_hole(self) -> None:
        """From now on nothing arrives and nobody is told, as with a pulled cable."""
        self._passing.clear()

    def cut(self) -> None:
        """Resets every connection and refuses new ones, as where nobody listens."""
        self._end_listening()
        self.reset()

    def reset(self) -> None:
        """Resets every connection at once; new ones are let through."""
        for writer in tuple(self._writers):
            _reset(writer)

    def reset_after(self, count: int, *, back: bool = False) -> asyncio.Event:
        """Resets a connection in the middle: once `count` more bytes have passed, of all together.

        Args:
            count: bytes that still pass; with 0, the next one does not.
            back: count what comes back from the server, not what goes there.

        Returns:
            Set as soon as it has happened.
        """
        self._breaks[back] = planned = _Break(count)
        return planned.happened

    def slow(self, bytes_per_second: int) -> None:
        """Lets through no more than that on each connection and way."""
        self._bytes_per_second = bytes_per_second

    def heal(self) -> None:
        """Passes bytes on again, those swallowed meanwhile first."""
        self._bytes_per_second = None
        self._breaks.clear()
        self._passing.set()
        if self._listening is None:
            self._listen()

    async def __aenter__(self) -> Self:
        self.heal()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._passing.set()
        self.cut()
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def _listen(self) -> None:
        self._listening = socket.create_server((_HOST, self._port))
        self._listening.setblocking(False)
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    def _end_listening(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            asyncio.get_running_loop().remove_reader(listening)
            listening.close()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):  # who came has gone already
            task = asyncio.create_task(self._serve(listening.accept()[0]))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        both = [writer]
        self._writers.add(writer)
        try:
            far_reader, far_writer = await self._dial()
            both.append(far_writer)
            self._writers.add(far_writer)
            if writer.transport.is_closing():  # reset while the server was called
                _reset(far_writer)
            await asyncio.gather(
                self._pass(reader, far_writer, both, back=False),
                self._pass(far_reader, writer, both, back=True),
            )
        except OSError:
            _reset(writer)  # the server does not listen: neither does the cable
        finally:
            for each in both:
                self._writers.discard(each)
                each.close()

    async def _pass(
        self, reader: StreamReader, writer: StreamWriter, both: list[StreamWriter], *, back: bool
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(self._most_at_once()):
                await self._passing.wait()
                planned = self._breaks.get(back)
                if planned is not None and len(chunk) > planned.left:
                    del self._breaks[back]
                    writer.write(chunk[: planned.left])
                    for each in both:
                        _reset(each)
                    planned.happened.set()
                    return
                if planned is not None:
                    planned.left -= len(chunk)
                writer.write(chunk)
                await writer.drain()
                await self._take_time(len(chunk))
        if reader.exception() is not None:
            _reset(writer)
        else:
            writer.close()

    def _most_at_once(self) -> int:
        if self._bytes_per_second is None:
            return _CHUNK
        return max(1, self._bytes_per_second // _TICKS_PER_SECOND)

    async def _take_time(self, count: int) -> None:
        if self._bytes_per_second is not None:
            await asyncio.sleep(count / self._bytes_per_second)


@dataclass(slots=True)
class _Break:
    """A reset that is to come once so many bytes have passed."""

    left: int
    happened: asyncio.Event = field(default_factory=asyncio.Event)


_Dial = Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]]


def _dialling(url: str) -> _Dial:
    parts = urlsplit(url)
    if folder := parse_qs(parts.query).get("host"):
        path = f"{folder[0]}/.s.PGSQL.{parts.port or _POSTGRESQL_PORT}"
        return lambda: asyncio.open_unix_connection(path)
    return lambda: asyncio.open_connection(parts.hostname, parts.port)


def _by_way_of(url: str, port: int) -> str:
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    query = "" if parse_qs(parts.query).get("host") else parts.query
    return parts._replace(netloc=f"{user}{at}{_HOST}:{port}", query=query).geturl()


def _reset(writer: StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if not writer.transport.is_closing() and connection is not None:
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
