"""Serves an application inside the loop that runs already.

The hub decides when the doors open and close: uvicorn gets no signals, no lifespan and no
log of requests (a log of paths serves nobody). Requests under way are answered first. With a
certificate the doors speak TLS only; a renewed one is shown to whoever connects next.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from hub.tls import TlsFiles, TlsFilesWrong, is_loopback, renew, serving_context
from hub.web.peer import KnowingPeers

__all__ = ["serving"]

_SECONDS_TO_FINISH: Final = 10
_RENEWED_EVERY: Final = 2.0
_UNENCRYPTED: Final = (
    "The doors take tokens and applications unencrypted from other machines: set"
    " HUB_HTTP_CERTIFICATE_FILE and HUB_HTTP_KEY_FILE, unless a proxy stands before them"
    " and nobody else can reach them."
)
_log = structlog.get_logger()


@asynccontextmanager
async def serving(
    app: ASGIApp, host: str, port: int, tls: TlsFiles | None = None
) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, which the system chooses for port 0.

    Args:
        app: what answers.
        host: address to listen on.
        port: port to listen on.
        tls: the doors' certificate, and in `ca` those who certify clients; None: without TLS.

    Raises:
        OSError: the address cannot be had.
        TlsFilesWrong: a certificate or key cannot be loaded.
    """
    context = None if tls is None else serving_context(tls)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    # Connections inherit it. asyncio does so itself only where the socket names its protocol.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    actual_port: int = listening.getsockname()[1]
    server = _Server(app, context)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    renewing = asyncio.create_task(_renewing(context, tls))
    try:
        await server.up.wait()
        _log.info("doors.open", host=host, port=actual_port, tls=tls is not None)
        if tls is None and not is_loopback(host):
            _log.warning("doors.unencrypted", sentence=_UNENCRYPTED)
        yield actual_port
    finally:
        renewing.cancel()
        server.should_exit = True
        await task
        listening.close()
        _log.info("doors.closed")


async def _renewing(context: ssl.SSLContext | None, tls: TlsFiles | None) -> None:
    if context is None or tls is None:
        return
    age = tls.age()
    while True:
        await asyncio.sleep(_RENEWED_EVERY)
        with suppress(OSError):  # just being replaced; looked at again
            if tls.age() == age:
                continue
            age = tls.age()
            try:
                renew(context, tls)
                _log.info("doors.certificate_renewed")
            except TlsFilesWrong as wrong:
                _log.error("doors.certificate_wrong", sentence=wrong.sentence)


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=KnowingPeers,
                ssl_context_factory=None if tls is None else lambda *_: tls,
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
