"""The file or folder that was opened at first, told apart from another one of its name.

A database whose file was moved away goes on being written where nobody will find it; a folder
whose disk was unmounted is suddenly empty. Neither is the store: it is away until it is back.
"""

from pathlib import Path

from hub.store.away import StoreAway

__all__ = ["Place"]


class Place:
    """A path, and what lay there first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: tuple[int, int] | None = None

    def check(self) -> None:
        """Remember what lies there, or make sure that it is still the same.

        Raises:
            StoreAway: it is gone, or something else lies there.
        """
        now = self._identity()
        if self._first is None:
            self._first = now
        elif now != self._first:
            raise StoreAway(
                f"{self._path.name} is gone or another than at start;"
                " bring it back, or restart the hub if it was replaced on purpose"
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
