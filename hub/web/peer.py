"""Which certificate a client has shown: what uvicorn knows of a connection and tells nobody.

ASGI has an extension for it (`tls`), which uvicorn does not have yet. The certificate was checked
by TLS against HUB_HTTP_CLIENT_CA_FILE before the first byte of a request was read. What a header
says of a certificate is never believed: anybody can write one, and whether it comes from a proxy
of one's own, nobody can see.
"""

import asyncio
import hashlib
from ssl import SSLObject
from typing import Final

from starlette.requests import HTTPConnection
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["KnowingPeers", "sha256_of_peer"]

_PEER: Final = "peer_sha256"


class KnowingPeers(H11Protocol):
    """uvicorn's protocol; each request of a connection says in its state who is at its end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as H11Protocol has it
        """Look at the certificate once: it holds for the whole connection."""
        super().connection_made(transport)
        tls: SSLObject | None = transport.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        if shown is not None:
            self.app_state = {**self.app_state, _PEER: hashlib.sha256(shown).hexdigest()}


def sha256_of_peer(request: HTTPConnection) -> str | None:
    """SHA-256 of the client's certificate in DER; None if it has shown none."""
    found: str | None = request.scope.get("state", {}).get(_PEER)
    return found
