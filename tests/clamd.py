"""A private clamd for tests: its own configuration, its own socket, one signature of its own.

Started from the installed package, never the system's service, and without its signatures: the
one that there is finds the string that EICAR made for trying virus scanners.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.inspection import Scanner, ScannerAway
from hub.sandbox.processes import free_port

# In two halves: a virus scanner that looks at this file has nothing to find.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
SIGNATURE = "Test.Eicar"
MOST_BYTES = 2 * 1024 * 1024


class Clamd:
    """One clamd, on a socket and on a port. `stop` and `start` it at will."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = str(folder / "clamd.socket")
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
        self._configuration = folder / "clamd.conf"
        self._configuration.write_text(
            f"LocalSocket {self.socket}\nTCPSocket {self.port}\nTCPAddr 127.0.0.1\n"
            f"DatabaseDirectory {signatures}\nForeground yes\nFixStaleSocket yes\n"
            f"StreamMaxLength {MOST_BYTES}\nTemporaryDirectory {folder}\n"
        )

    async def start(self) -> None:
        """Start; returns when it scans."""
        self._process = await asyncio.create_subprocess_exec(
            _program(),
            f"--config-file={self._configuration}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        scanner = Scanner(self.socket)
        async with asyncio.timeout(60):
            while True:
                try:
                    await scanner.probe()
                except ScannerAway:
                    await asyncio.sleep(0.05)
                else:
                    break

    async def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def private_clamd() -> AsyncIterator[Clamd]:
    """Start one, or skip the test if clamd is not installed."""
    _program()
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))  # short: a socket's path has 107 bytes at most
    clamd = Clamd(folder)
    try:
        await clamd.start()
        yield clamd
    finally:
        await clamd.stop()
        shutil.rmtree(folder)


def _program() -> str:
    found = shutil.which("clamd") or shutil.which("/usr/sbin/clamd")
    if found is None:
        pytest.skip("clamd is not installed: apt-get install clamav-daemon")
    return found
