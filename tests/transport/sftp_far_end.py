"""A system that takes files: a real SFTP server on a port of this machine, well and badly made."""

import io
import zipfile
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh

from hub.routing import Endpoint, Limits
from hub.sandbox.processes import free_port
from hub.sandbox.sftp import make_keys
from tests.transport.contract import Outcome

FOLDERS = ("inbox", "outbox", "done")


class SftpFarEnd:
    """Takes what comes, unless it was told otherwise. `break_at` cuts the line at an operation."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "files"
        for name in FOLDERS:
            (self.root / "a" / name).mkdir(parents=True)
        self.port = free_port()
        self.keys = make_keys(folder / "keys", self.port)
        self.received: list[bytes] = []
        self.asked: list[str] = []
        self.break_at: str | None = None
        self.stumbles = 0
        self.sessions = 0
        self._outcomes: deque[Outcome] = deque()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._lines: list[asyncssh.SSHServerConnection] = []
        self._channels: list[asyncssh.SSHServerChannel[bytes]] = []

    @property
    def endpoint(self) -> Endpoint:
        settings: dict[str, str | int | float | bool] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "hub",
            "key_file": str(self.keys.client),
            "known_hosts_file": str(self.keys.known_hosts),
            **{name: f"/a/{name}" for name in FOLDERS},
            "timeout_seconds": 5,
        }
        return Endpoint("nord", "sftp", "production", settings, Limits(4, 12))

    @property
    def knows(self) -> frozenset[Outcome]:
        return frozenset({"hand over", "be busy", "vanish"})

    @property
    def inbox(self) -> Path:
        return self.root / "a" / "inbox"

    @property
    def outbox(self) -> Path:
        return self.root / "a" / "outbox"

    @property
    def done(self) -> Path:
        return self.root / "a" / "done"

    @property
    def connections(self) -> int:
        return len(self._lines)

    def next(self, *outcomes: Outcome) -> None:
        self._outcomes.extend(outcomes)

    async def start(self, *, password: str | None = None) -> None:
        far_end = self

        class Login(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                far_end._lines.append(conn)

            def password_auth_supported(self) -> bool:
                return password is not None

            def validate_password(self, username: str, given: str) -> bool:  # noqa: ARG002
                return given == password

        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=Login,
            server_host_keys=[str(self.keys.server)],
            authorized_client_keys=str(self.keys.allowed),
            sftp_factory=lambda channel: _Served(channel, far_end),
            config=None,
        )

    async def go_away(self) -> None:
        for line in self._lines:
            line.abort()
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()

    async def end_sessions(self) -> None:
        """Ends every session, as one that is idle for too long; connections stay."""
        for channel in self._channels:
            channel.close()
            await channel.wait_closed()

    def begin(self) -> Outcome:
        """What comes of the file whose writing begins now."""
        return self._outcomes.popleft() if self._outcomes else "hand over"


class _Served(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], far_end: SftpFarEnd) -> None:
        super().__init__(channel, chroot=bytes(far_end.root))
        self._far_end = far_end
        self._outcome: Outcome = "hand over"
        far_end.sessions += 1
        far_end._channels.append(channel)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if pflags & asyncssh.FXF_WRITE:
            self._outcome = self._far_end.begin()
            if self._outcome == "be busy":
                raise asyncssh.SFTPFailure("Żółć-Müller")
        self._asked("open")
        return super().open(path, pflags, attrs)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        self._asked("write")
        return super().write(file_obj, offset, data)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        if self._far_end.stumbles:
            # As asyncssh's own does when a file is renamed before it was looked at.
            self._far_end.stumbles -= 1
            raise asyncssh.SFTPNoSuchFile("renamed meanwhile")
        async for entry in super().scandir(path):
            yield entry

    def fsync(self, file_obj: object) -> None:
        self._asked("fsync")
        super().fsync(file_obj)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._asked("rename")
        super().posix_rename(oldpath, newpath)
        if newpath.endswith(b".zip"):
            path = self._far_end.inbox / newpath.rpartition(b"/")[2].decode()
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                self._far_end.received.append(archive.read("message.xml"))
        if self._outcome == "vanish":
            self.connection.abort()
        self._asked("renamed")

    def _asked(self, operation: str) -> None:
        self._far_end.asked.append(operation)
        if self._far_end.break_at == operation:
            self._far_end.break_at = None
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("broken off")
