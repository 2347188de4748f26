"""Asks clamd whether a document is clean: INSTREAM, over TCP or a Unix socket (clamd(8)).

Fails closed: only the one answer that says so lets a document pass. Whatever else happens, no
connection, no answer in time, an answer that is none of the known ones, says nothing about the
document: `ScannerAway`, and the message waits.
"""

import asyncio
import re
import socket
from contextlib import suppress
from typing import Any, Final

from hub.model.failure import PermanentFailure, TransientFailure

__all__ = ["Scanner", "ScannerAway"]

_CONNECT_SECONDS: Final = 5.0
_SCAN_SECONDS: Final = 120.0
"""clamd gives itself 120 s for one stream (MaxScanTime)."""

_AT_ONCE: Final = 8
"""clamd works on ten at a time (MaxThreads); others of its users want their turn, too."""

_CHUNK: Final = 256 * 1024
_MOST_ANSWER: Final = 1024
_FOUND: Final = re.compile(rb"stream: ([!-~]{1,200}) FOUND")
_TOO_LARGE: Final = b"INSTREAM size limit exceeded. ERROR"
_PROBE: Final = b"Is anybody there?"


class ScannerAway(TransientFailure):
    """Nobody could say whether a document is clean; nothing passes until somebody can."""

    def __init__(self, reason: str) -> None:
        super().__init__("scanner.away", f"The virus scanner gave no answer: {reason}.")


class Scanner:
    """A clamd at an address, `host:port` or the path of its socket. Keeps no connection open."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def scan(self, content: bytes) -> None:
        """Pass if the document is clean.

        Raises:
            PermanentFailure: `document.infected`, with the name of the signature;
                `document.not_scanned`: it is larger than clamd takes.
            ScannerAway: no answer, or none that says anything.
        """
        async with self._places:
            try:
                async with asyncio.timeout(_SCAN_SECONDS):
                    answer = await self._ask(content)
            except (OSError, TimeoutError) as error:
                raise ScannerAway(type(error).__name__) from None
        if answer == b"stream: OK":
            return
        if found := _FOUND.fullmatch(answer):
            raise PermanentFailure(
                "document.infected",
                f"The virus scanner found {found[1].decode('ascii')} in the document.",
            )
        if answer == _TOO_LARGE:
            raise PermanentFailure(
                "document.not_scanned",
                "The document is larger than the virus scanner takes; its StreamMaxLength should"
                " be at least 100M.",
            )
        raise ScannerAway("it said neither OK nor FOUND")

    async def probe(self) -> None:
        """Have a few bytes scanned; raises ScannerAway as long as that does not work."""
        await self.scan(_PROBE)

    async def _ask(self, content: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            connection = await self._connect()
        with connection:
            # It answers and hangs up in the middle of what is too large for it: no stream of
            # asyncio's, which would drop the answer when it can send no more.
            with suppress(ConnectionError):
                await loop.sock_sendall(connection, b"zINSTREAM\0")
                for start in range(0, len(content), _CHUNK):
                    chunk = content[start : start + _CHUNK]
                    await loop.sock_sendall(connection, len(chunk).to_bytes(4, "big") + chunk)
                await loop.sock_sendall(connection, bytes(4))
            return await _answer(connection)

    async def _connect(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        if self._address.startswith("/"):
            return await _connected(socket.AF_UNIX, self._address)
        host, _, port = self._address.rpartition(":")
        found = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        for family, _, _, _, address in found[:-1]:
            with suppress(OSError):
                return await _connected(family, address)
        return await _connected(found[-1][0], found[-1][4])


async def _connected(family: int, address: Any) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


async def _answer(connection: socket.socket) -> bytes:
    """Up to its zero byte; empty if there is no such byte where one may be expected."""
    answer = b""
    while len(answer) <= _MOST_ANSWER:
        more = await asyncio.get_running_loop().sock_recv(connection, _MOST_ANSWER)
        answer += more
        said, end, _ = answer.partition(b"\0")
        if end:
            return said
        if not more:
            break
    return b""
