"""Whether an endpoint's folders are as deliveries need them, told by looking only."""

import asyncio
import stat
from typing import Final

import asyncssh

from hub.model.failure import EndpointDown
from hub.transport.sftp.failures import BROKEN, while_working
from hub.transport.sftp.settings import SftpSettings

__all__ = ["look_at_folders"]

_MAY_WRITE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_GONE: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


async def look_at_folders(sftp: asyncssh.SFTPClient, settings: SftpSettings, system: str) -> None:
    """Pass if all three are folders that somebody may write.

    Whether that is the hub, SFTP does not tell without writing.

    Raises:
        EndpointDown: one is not, and which.
        TransientFailure: the connection broke off.
    """
    for name in ("inbox", "outbox", "done"):
        try:
            async with asyncio.timeout(settings.timeout_seconds):
                found = await sftp.stat(getattr(settings, name))
        except _GONE:
            raise EndpointDown(
                "endpoint.folder", f"System {system} has no folder as named by {name}."
            ) from None
        except BROKEN as error:
            raise while_working(error, system) from None
        if found.permissions is None:
            continue
        if not stat.S_ISDIR(found.permissions):
            raise EndpointDown(
                "endpoint.folder", f"At system {system}, what {name} names is no folder."
            )
        if not found.permissions & _MAY_WRITE:
            raise EndpointDown(
                "endpoint.folder", f"At system {system}, nobody may write the folder {name}."
            )
