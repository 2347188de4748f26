"""Disks of a test's own that can be filled, as small ones in memory."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["SmallDisk", "small_disk"]


class SmallDisk:
    """A file system at `folder` with a size of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave not one block free."""
        with self._filler.open("ab", buffering=0) as file:
            block = 1024 * 1024
            while block:
                try:
                    file.write(bytes(block))
                except OSError:
                    block //= 2

    def free(self) -> None:
        """Give it all back."""
        self._filler.unlink()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Mount one of `size` bytes; skip the test where that is not allowed."""
    folder.mkdir()
    if os.geteuid() != 0 or _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder):
        pytest.skip("only root may mount a disk to fill")
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", folder)


def _run(*command: str | Path) -> int:
    return subprocess.run(command, check=False, capture_output=True).returncode  # noqa: S603
