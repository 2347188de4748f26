"""What went wrong between us and an SFTP server, in the words of the failure tree.

Pure. The server's own words are not taken over: they may quote names of files.
"""

import asyncssh

from hub.model.failure import EndpointDown, HubFailure, TransientFailure, Unreachable
from hub.transport import NO_ANSWER

__all__ = ["BROKEN", "while_connecting", "while_working"]

BROKEN = (asyncssh.Error, OSError, TimeoutError)
"""Everything that a server or the way to it can do to us."""

_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)
_FOLDER = (
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPNotADirectory,
    asyncssh.SFTPPermissionDenied,
    asyncssh.SFTPWriteProtect,
)


def while_connecting(error: Exception, system: str) -> HubFailure:
    """Nothing was sent yet."""
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return Unreachable(
                "endpoint.host_key",
                f"System {system} shows a key that known_hosts_file does not name for it.",
            )
        case asyncssh.PermissionDenied():
            return EndpointDown(
                "endpoint.denied",
                f"System {system} does not accept the hub's login; see user, key_file,"
                " password_file, password_env.",
            )
        case asyncssh.KeyImportError():
            return EndpointDown("endpoint.key", "The file named by key_file holds no private key.")
        case asyncssh.ChannelOpenError():
            return TransientFailure(
                "endpoint.busy", f"System {system} opens no more sessions at present."
            )
    reason = type(error).__name__
    return Unreachable("endpoint.unreachable", f"System {system} cannot be reached ({reason}).")


def while_working(error: Exception, system: str, *, renaming: bool = False) -> HubFailure:
    """A session was open; `renaming`: a file may lie under its final name."""
    reason = type(error).__name__
    match error:
        case asyncssh.SFTPOpUnsupported():
            return EndpointDown(
                "endpoint.rename",
                f"System {system} cannot rename a file over another at once"
                " (posix-rename@openssh.com); ask the vendor.",
            )
        case asyncssh.SFTPError() if isinstance(error, _FOLDER):
            return EndpointDown(
                "endpoint.folder",
                f"System {system} denies one of the folders or has it not; see inbox, outbox,"
                f" done ({reason}).",
            )
        case asyncssh.SFTPError() if not isinstance(error, _LOST):
            return TransientFailure("endpoint.failed", f"System {system} failed ({reason}).")
    if renaming:
        return TransientFailure(
            NO_ANSWER,
            f"System {system} may have the file, but its answer is missing ({reason}).",
            in_doubt=True,
        )
    return TransientFailure(
        "endpoint.broken", f"The connection to system {system} broke off ({reason})."
    )
