"""Under which content keys the files of the documents lie, and how they come under the newest.

Only the key of a file is sealed anew, in its head; its bytes stay as they are.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from hub.store.away import on_disk
from hub.store.sealed_file import UNFINISHED, key_id_of_file, reseal_file
from hub.store.sealer import Sealer

__all__ = ["DocumentKeys", "about_document"]

_ABANDONED: Final = timedelta(hours=1)
"""After so long without a byte nobody writes a file any more."""


def about_document(sha256: str) -> str:
    """What the key of a document's file is bound to."""
    return f"document:{sha256}"


class DocumentKeys:
    """The keys of every document below `root`. Blocking work runs in threads."""

    def __init__(self, root: Path, sealer: Sealer) -> None:
        self._root = root
        self._sealer = sealer

    async def used(self) -> Counter[str]:
        """How many files lie under which content key."""
        return await on_disk(self._used)

    async def sealed_by_others(self, now: datetime) -> list[Path]:
        """The files that another key than the newest has sealed, for `reseal`.

        What is staged comes first: a case may adopt it at any moment. What was left unfinished
        by a crash at least an hour ago serves nobody, and is deleted.
        """
        return await on_disk(self._sealed_by_others, (now - _ABANDONED).timestamp())

    async def reseal(self, path: Path) -> bool:
        """Seal a file's key by the newest content key; False if it was deleted meanwhile.

        Raises:
            PermanentFailure: `content.unreadable`.
        """
        return await on_disk(self._reseal, path)

    def _used(self) -> Counter[str]:
        used = Counter(key_id for _, key_id in self._files())
        del used[""]  # a file of which not even the head is written
        return used

    def _sealed_by_others(self, abandoned: float) -> list[Path]:
        newest, others = self._sealer.key_ids[0], []
        for path, key_id in self._files():
            if key_id in ("", newest):
                continue
            if path.name.endswith(UNFINISHED):
                if path.stat().st_mtime < abandoned:
                    path.unlink(missing_ok=True)
                continue
            others.append(path)
        return others

    def _reseal(self, path: Path) -> bool:
        try:
            reseal_file(path, self._sealer, about_document(path.name))
        except FileNotFoundError:
            return False
        return True

    def _files(self) -> Iterator[tuple[Path, str]]:
        """Every file with the key that it lies under; what is staged comes first."""
        folders = sorted(self._root.iterdir(), key=lambda folder: folder.name != "staged")
        for folder in folders:
            for path in folder.glob("*/*"):
                try:
                    yield path, key_id_of_file(path)
                except FileNotFoundError:
                    continue  # deleted meanwhile
