"""An SFTP server on this machine: one account that logs in by key, folders below one root.

For simulated systems that exchange files. It tells when a file was renamed, which is when a
file of the hub is complete and when the hub has taken one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh

from hub.sandbox.mood import Mood

__all__ = ["Keys", "make_keys", "serving_files"]

_HOST: Final = "127.0.0.1"
_KIND: Final = "ssh-ed25519"


@dataclass(frozen=True, slots=True)
class Keys:
    """Files: the server's key, the hub's key with its public half, and what the hub knows."""

    folder: Path

    @property
    def server(self) -> Path:
        """The server's private key."""
        return self.folder / "server_key"

    @property
    def client(self) -> Path:
        """The hub's private key."""
        return self.folder / "hub_key"

    @property
    def allowed(self) -> Path:
        """The public key that the server lets in."""
        return self.folder / "hub_key.pub"

    @property
    def known_hosts(self) -> Path:
        """The server's public key, as the hub expects it."""
        return self.folder / "known_hosts"


def make_keys(folder: Path, port: int) -> Keys:
    """Make new keys for a server on that port of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = Keys(folder)
    server, client = (asyncssh.generate_private_key(_KIND) for _ in range(2))
    for path, key in ((keys.server, server), (keys.client, client)):
        path.touch(mode=0o600)
        key.write_private_key(str(path))
    client.write_public_key(str(keys.allowed))
    public = server.export_public_key().decode("ascii")
    keys.known_hosts.write_text(f"[{_HOST}]:{port} {public}", "ascii")
    return keys


@asynccontextmanager
async def serving_files(
    root: Path, keys: Keys, port: int, on_renamed: Callable[[], None], mood: Mood
) -> AsyncIterator[None]:
    """Serve what lies below `root` for the length of the block, unless the mood is another."""

    def willing() -> None:
        if mood.status is not None:
            raise asyncssh.SFTPError(mood.status, "a fault on purpose")

    class Served(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(channel, chroot=bytes(root))

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            willing()
            return super().open(path, pflags, attrs)

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            willing()
            super().posix_rename(oldpath, newpath)
            on_renamed()

    acceptor = await asyncssh.listen(
        _HOST,
        port,
        server_host_keys=[str(keys.server)],
        authorized_client_keys=str(keys.allowed),
        sftp_factory=Served,
        config=None,
        reuse_address=True,
    )
    try:
        yield
    finally:
        acceptor.close()
        await acceptor.wait_closed()
