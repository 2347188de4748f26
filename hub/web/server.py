"""Serves an application inside the loop that runs already.

The hub decides when the doors open and close: uvicorn gets no signals, no lifespan and no
log of requests (a log of paths serves nobody). Requests under way are answered first.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

__all__ = ["serving"]

_SECONDS_TO_FINISH: Final = 10
_log = structlog.get_logger()


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, which the system chooses for port 0.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    # Connections inherit it. asyncio does so itself only where the socket names its protocol.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    actual_port: int = listening.getsockname()[1]
    server = _Server(app)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.up.wait()
        _log.info("doors.open", host=host, port=actual_port)
        yield actual_port
    finally:
        server.should_exit = True
        await task
        listening.close()
        _log.info("doors.closed")


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
            )
        )
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # signals are the hub's
        return nullcontext()
