"""One SSH connection for each account, shared by its endpoints and opened when first needed.

An SSH handshake costs tens of milliseconds of both sides, and a session on a connection that is
there as much as all that a delivery asks of it: what went well leaves its session to the next one.
Their number is bounded: OpenSSH takes ten for each connection.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from hub.model.failure import EndpointDown
from hub.transport.sftp.failures import BROKEN, while_connecting
from hub.transport.sftp.settings import Account, SftpSettings, missing_files, password

__all__ = ["Connections"]

_SESSIONS: Final = 8
_ALIVE_SECONDS: Final = 10
_CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Session:
    """A session, and what is done once either side has ended it."""

    sftp: asyncssh.SFTPClient
    ended: asyncio.Task[None]


@dataclass(slots=True)
class _Line:
    """The connection of one account, if there is one, and its sessions that nobody uses."""

    connection: asyncssh.SSHClientConnection | None = None
    idle: list[_Session] = field(default_factory=list)
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SESSIONS))


class Connections:
    """Gives sessions. Opens nothing before the first."""

    def __init__(self) -> None:
        self._lines: dict[Account, _Line] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def session(
        self, settings: SftpSettings, system: str
    ) -> AsyncIterator[asyncssh.SFTPClient]:
        """A session of its own for the length of the block; ended where the block raises.

        Raises:
            EndpointDown: no connection, no login, or not the server that it should be.
            TransientFailure: it gives no further session.
        """
        account = settings.account
        line = self._lines.setdefault(account, _Line())
        async with line.places:
            try:
                session = _idle(line) or await self._open(line, account)
            except BROKEN as error:
                raise while_connecting(error, system) from None
            try:
                yield session.sftp
            except BaseException:
                session.sftp.exit()  # what it was asked last may still be answered
                raise
            line.idle.append(session)

    async def close(self) -> None:
        """Close all connections."""
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            if line.connection is not None:
                line.connection.close()
                await line.connection.wait_closed()
        await asyncio.gather(*self._ending)

    async def _open(self, line: _Line, account: Account) -> _Session:
        connection = await self._connected(line, account)
        try:
            return self._watched(await _start(connection, account))
        except BROKEN:
            if not connection.is_closed():
                raise
        # It was dead already and nobody had noticed: nothing was asked of it yet.
        return self._watched(await _start(await self._connected(line, account), account))

    def _watched(self, sftp: asyncssh.SFTPClient) -> _Session:
        # asyncssh drops what is asked of a session that is ending, and the answer never comes.
        ended = asyncio.create_task(sftp.wait_closed())
        self._ending.add(ended)
        ended.add_done_callback(self._ending.discard)
        return _Session(sftp, ended)

    async def _connected(self, line: _Line, account: Account) -> asyncssh.SSHClientConnection:
        async with line.connecting:
            if line.connection is None or line.connection.is_closed():
                line.connection = await _connect(account)
            return line.connection


def _idle(line: _Line) -> _Session | None:
    while line.idle:
        session = line.idle.pop()
        if not session.ended.done():
            return session
    return None


async def _connect(account: Account) -> asyncssh.SSHClientConnection:
    if missing := await asyncio.to_thread(missing_files, account):
        raise EndpointDown("endpoint.settings", " ".join(missing))
    secret = await asyncio.to_thread(password, account)
    patience = min(account.timeout_seconds, _CONNECT_SECONDS)
    connection: asyncssh.SSHClientConnection | None = None
    async with asyncio.timeout(2 * patience):
        try:
            connection = await asyncssh.connect(
                account.host,
                account.port,
                username=account.user,
                password=secret,
                client_keys=None if account.key_file is None else [str(account.key_file)],
                known_hosts=str(account.known_hosts_file),
                # What stands in the home folder of whoever runs the hub decides nothing.
                config=None,
                agent_path=None,
                connect_timeout=patience,
                login_timeout=patience,
                keepalive_interval=_ALIVE_SECONDS,
            )
        finally:
            # asyncio.wait_for of Python 3.11, which asyncssh uses, forgets a cancellation that
            # comes in the very step in which it is done: a hub that was told to end went on.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                if connection is not None:
                    connection.abort()
                raise asyncio.CancelledError
        return connection


async def _start(connection: asyncssh.SSHClientConnection, account: Account) -> asyncssh.SFTPClient:
    async with asyncio.timeout(account.timeout_seconds):
        return await connection.start_sftp_client()
