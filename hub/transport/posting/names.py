"""Name look-ups in threads of their own.

A look-up whose name server is silent blocks its thread for many seconds. In the loop's own
threads - a handful on a small machine - a few such names would stop whatever else is done there:
reading submissions, sealing documents, writing the requests to everybody else.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["Names"]

_THREADS: Final = 64
"""As many silent names as may be asked for at once before others wait; made when needed."""


class Names(AbstractResolver):
    """Looks names up as the machine does."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; raise OSError if it has none."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, protocol, address in found
        ]

    async def close(self) -> None:
        """End the threads once they are done; waits for none."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(
    host: str, port: int, family: socket.AddressFamily
) -> list[tuple[socket.AddressFamily, int, str]]:
    infos = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    # Numbers, with the zone of a link-local address: what connecting needs.
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    return [
        (kind, protocol, socket.getnameinfo(address, numeric)[0])
        for kind, _, protocol, _, address in infos
    ]
