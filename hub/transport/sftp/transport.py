"""The sftp transport: a message is handed over when its ZIP lies in the inbox under its name.

Written under another name first and renamed at once, so that the system never takes half a
file. Only the renaming can leave a delivery in doubt; before it, nothing has arrived.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import asyncssh

from hub.model.failure import HubFailure, PermanentFailure, TransientFailure
from hub.routing import Endpoint
from hub.transport import NO_ANSWER, Collected, Receipt, Steps, read_settings, wrong_in
from hub.transport.sftp.archive import pack
from hub.transport.sftp.connections import Connections
from hub.transport.sftp.failures import BROKEN, while_working
from hub.transport.sftp.folders import look_at_folders
from hub.transport.sftp.outbox import Outbox
from hub.transport.sftp.settings import SftpSettings, missing_files, password
from hub.workshop.packed import Packed

__all__ = ["SftpTransport"]


class SftpTransport:
    """Delivers to inboxes, collects from outboxes. Opens nothing before the first use."""

    def __init__(self) -> None:
        self._connections = Connections()
        self._told: set[str] = set()

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Put the messages in their order; documents beside them go with the first."""
        settings = read_settings(SftpSettings, endpoint)
        if not parcel.messages:
            raise PermanentFailure("parcel.empty", "The parcel holds no message.")
        first, last = parcel.messages[0], parcel.messages[-1]
        for message in parcel.messages:
            if str(message.uuid) in steps.done:
                continue
            beside = parcel.attachments if message is first else ()
            content = await asyncio.to_thread(pack, message, beside)
            async with self._connections.session(settings, endpoint.system) as sftp:
                await _put(sftp, settings, f"{message.uuid}.zip", content, endpoint.system)
            # The end of the last step is the end of the parcel: it is recorded anyway.
            if message is not last:
                await steps.record(str(message.uuid), "handed-over")
        return Receipt(accepted=False, at=datetime.now(UTC))

    async def collect(
        self,
        endpoint: Endpoint,
        cursor: str | None,  # noqa: ARG002 - of the contract; here moved files say what is done
    ) -> AsyncIterator[Collected]:
        """What lies in the outbox; confirmed by moving it to the done folder."""
        settings = read_settings(SftpSettings, endpoint)
        async with self._connections.session(settings, endpoint.system) as sftp:
            outbox = Outbox(sftp, settings, endpoint.system, self._told)
            for name in await outbox.names():
                if (body := await outbox.read(name)) is not None:
                    yield Collected(body, partial(outbox.confirm, name))

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings, and with the files and secrets that they name."""
        if wrong := wrong_in(SftpSettings, endpoint):
            return wrong
        settings = read_settings(SftpSettings, endpoint)
        wrong = missing_files(settings)
        try:
            password(settings)
        except HubFailure as failure:
            wrong.append(failure.sentence)
        return wrong

    async def probe(self, endpoint: Endpoint) -> str:
        """Log in and look at the three folders; see `hub.transport.Transport`."""
        settings = read_settings(SftpSettings, endpoint)
        async with self._connections.session(settings, endpoint.system) as sftp:
            await look_at_folders(sftp, settings, endpoint.system)
        return "logged in; inbox, outbox and done are there and may be written"

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()


async def _put(
    sftp: asyncssh.SFTPClient, settings: SftpSettings, name: str, content: bytes, system: str
) -> None:
    final, temporary = f"{settings.inbox}/{name}", f"{settings.inbox}/.{name}.tmp"
    renaming = False
    try:
        async with asyncio.timeout(settings.timeout_seconds):
            if await _size(sftp, final) == len(content):
                return
            await _write(sftp, temporary, content)
            renaming = True
            await sftp.posix_rename(temporary, final)
            size = await _size(sftp, final)
    except BROKEN as error:
        raise while_working(error, system, renaming=renaming) from None
    # Gone means taken already: the system may be quicker than this look.
    if size not in {None, len(content)}:
        raise TransientFailure(
            NO_ANSWER, f"A file at system {system} has another size than was sent.", in_doubt=True
        )


async def _write(sftp: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    async with sftp.open(path, "wb", encoding=None) as file:
        await file.write(content)
        # fsync@openssh.com: not every server has it, and there is no other way to ask.
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


async def _size(sftp: asyncssh.SFTPClient, path: str) -> int | None:
    try:
        return (await sftp.stat(path)).size
    except asyncssh.SFTPNoSuchFile:
        return None
