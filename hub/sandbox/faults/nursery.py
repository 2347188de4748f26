"""Processes of adapters that the stem forks instead of each being started from nothing.

Takes the place of `subprocess.Popen` in the workshop of a hub that the stem has forked. The hub
and a process of its adapter have the same pipes as ever; only their common parent is the stem.
"""

import json
import os
import select
import signal
import socket
import subprocess
from contextlib import suppress
from typing import IO, Any, Final

from hub.workshop import process

__all__ = ["STEM", "asked_for", "fork_workers"]

STEM: Final = "HUB_SANDBOX_STEM"
"""Names the socket on which the stem can be asked."""

_MODULE: Final = 3
"""Where the arguments of a worker's command line begin: after `python -P -m`."""

_MOST_BYTES: Final = 4096


def fork_workers() -> None:
    """Have the stem fork all processes of adapters of this hub from now on."""
    setattr(process, "subprocess", _Subprocess)  # noqa: B010 - a seam, which has no type


def asked_for(connection: socket.socket) -> tuple[list[str], int, int] | None:
    """What a hub asks the stem for: arguments, and the worker's ends of the two pipes.

    None if the hub has ended before it said so.
    """
    message, files, _, _ = socket.recv_fds(connection, _MOST_BYTES, 2)
    return (json.loads(message), *files) if message else None


class _Forked:
    """As much of a `Popen` as the workshop needs. Its exit code is not known, only its end."""

    def __init__(self, command: list[str], **_as_usual: Any) -> None:
        reads, self._to = os.pipe()
        self._from, writes = os.pipe()
        with socket.socket(socket.AF_UNIX) as stem:
            stem.connect(f"\0{os.environ[STEM]}")
            asked = json.dumps(command[_MODULE + 1 :]).encode()
            socket.send_fds(stem, [asked], [reads, writes])
            self.pid = int(stem.makefile().readline())
        os.close(reads)
        os.close(writes)
        self.stdin: IO[bytes] = os.fdopen(self._to, "wb", buffering=0)
        self.stdout: IO[bytes] = os.fdopen(self._from, "rb", buffering=0)
        self._watched = os.pidfd_open(self.pid)
        self._ended = select.poll()
        self._ended.register(self._watched, select.POLLIN)

    def __del__(self) -> None:
        os.close(self._watched)

    def poll(self) -> int | None:
        return -signal.SIGKILL if self._ended.poll(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired("worker", timeout or 0)
        return -signal.SIGKILL

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._watched, signal.SIGKILL)


class _Subprocess:
    Popen = _Forked
    PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired
