"""Connections: which certificate a client has shown, and that none is kept open for nothing.

What uvicorn knows of a connection it tells nobody. ASGI has an extension for it (`tls`), which
uvicorn does not have yet. The certificate was checked by TLS against HUB_HTTP_CLIENT_CA_FILE before
the first byte of a request was read. What a header says of a certificate is never believed: anybody
can write one, and whether it comes from a proxy of one's own, nobody can see.

uvicorn waits for a request as long as its bytes come, one a minute or none at all. Each such
connection is a file that nobody else can open: they are closed after a while.
"""

import asyncio
import hashlib
from ssl import SSLObject
from typing import Final

from starlette.requests import HTTPConnection
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["KnowingPeers", "sha256_of_peer"]

_PEER: Final = "peer_sha256"
_SECONDS_FOR_A_HEAD: Final = 20.0
"""From the end of TLS, or of the last answer, to the end of the next request's head."""


class KnowingPeers(H11Protocol):
    """uvicorn's protocol; each request of a connection says in its state who is at its end."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as H11Protocol has it
        """Look at the certificate once: it holds for the whole connection."""
        super().connection_made(transport)
        tls: SSLObject | None = transport.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        if shown is not None:
            self.app_state = {**self.app_state, _PEER: hashlib.sha256(shown).hexdigest()}
        self._look_whether_idle()

    def handle_events(self) -> None:
        """Take what has come: perhaps the head of a request."""
        super().handle_events()
        self._look_whether_idle()

    def on_response_complete(self) -> None:
        """The client has its answer; what it may still send of that request is for nobody."""
        super().on_response_complete()
        self._look_whether_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._end_patience()

    def _look_whether_idle(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._end_patience()
        elif self._patience is None and not self.transport.is_closing():
            self._patience = self.loop.call_later(
                _SECONDS_FOR_A_HEAD, self.timeout_keep_alive_handler
            )

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def sha256_of_peer(request: HTTPConnection) -> str | None:
    """SHA-256 of the client's certificate in DER; None if it has shown none."""
    found: str | None = request.scope.get("state", {}).get(_PEER)
    return found
