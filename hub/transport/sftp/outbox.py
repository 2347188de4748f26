"""What lies in a system's outbox, the oldest first by name; anything strange is left there.

Names come from outside: only plain ones that end in `.xml` are taken, only of regular files,
only up to what the broker takes. What is left is told once in the log, by a hash of its name.
"""

import asyncio
import hashlib
import re
import stat
from collections.abc import Iterable
from typing import Final

import asyncssh
import structlog

from hub.model.failure import EndpointDown
from hub.transport.sftp.failures import BROKEN, while_working
from hub.transport.sftp.settings import SftpSettings
from hub.xml import RETURN_LIMITS

__all__ = ["Outbox"]

_NAME: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.xml")
_UNFINISHED: Final = b".tmp"
_TOLD_AT_MOST: Final = 10_000

_log = structlog.get_logger()


class Outbox:
    """One look into one outbox.

    Args:
        told: what was told in the log before; grows.
    """

    def __init__(
        self, sftp: asyncssh.SFTPClient, settings: SftpSettings, system: str, told: set[str]
    ) -> None:
        self._sftp = sftp
        self._settings = settings
        self._system = system
        self._told = told

    async def names(self) -> list[bytes]:
        """Names of the documents that are complete."""
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                entries = await self._entries(self._settings.outbox.encode())
        except BROKEN as error:
            raise while_working(error, self._system) from None
        return sorted(self._sound(entries))

    async def read(self, name: bytes) -> bytes | None:
        """The document, or None where it is gone or too large."""
        try:
            async with (
                asyncio.timeout(self._settings.timeout_seconds),
                self._sftp.open(_in(self._settings.outbox, name), "rb", encoding=None) as file,
            ):
                body: bytes = await file.read(RETURN_LIMITS.max_bytes + 1)
        except asyncssh.SFTPNoSuchFile:
            return None
        except BROKEN as error:
            raise while_working(error, self._system) from None
        if len(body) > RETURN_LIMITS.max_bytes:
            self._tell(name, "too large")
            return None
        return body

    async def confirm(self, name: bytes) -> None:
        """Move a document to the done folder; once more does no harm."""
        source, target = _in(self._settings.outbox, name), _in(self._settings.done, name)
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                try:
                    await self._sftp.posix_rename(source, target)
                except asyncssh.SFTPNoSuchFile:
                    if await self._sftp.lexists(source):
                        raise EndpointDown(
                            "endpoint.folder",
                            f"System {self._system} has no folder as named by done.",
                        ) from None
        except BROKEN as error:
            raise while_working(error, self._system) from None

    async def _entries(self, folder: bytes) -> list[asyncssh.SFTPName]:
        while True:
            try:
                return [entry async for entry in self._sftp.scandir(folder)]
            except asyncssh.SFTPNoSuchFile:
                # Some servers give up when a file is renamed while they list its folder. Raises
                # the same if it is the folder that is not there.
                await self._sftp.stat(folder)

    def _sound(self, entries: Iterable[asyncssh.SFTPName]) -> Iterable[bytes]:
        for entry in entries:
            name = entry.filename
            assert isinstance(name, bytes)  # noqa: S101 - asked for as bytes
            if name in {b".", b".."} or name.endswith(_UNFINISHED):
                continue
            if not _NAME.fullmatch(name):
                self._tell(name, "name")
            elif not stat.S_ISREG(entry.attrs.permissions or 0):
                self._tell(name, "not a file")
            elif (entry.attrs.size or 0) > RETURN_LIMITS.max_bytes:
                self._tell(name, "too large")
            else:
                yield name

    def _tell(self, name: bytes, reason: str) -> None:
        digest = hashlib.sha256(name).hexdigest()[:12]
        about = f"{self._system} {self._settings.outbox} {digest} {reason}"
        if about in self._told:
            return
        if len(self._told) >= _TOLD_AT_MOST:
            self._told.clear()
        self._told.add(about)
        _log.warning("outbox.ignored", system=self._system, name_sha256=digest, reason=reason)


def _in(folder: str, name: bytes) -> bytes:
    return folder.encode() + b"/" + name
