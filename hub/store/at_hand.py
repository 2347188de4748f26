"""Documents that were kept a moment ago: the next stage need not read them from the disk again.

Only in memory, only until they are asked for once, and never for long: what nobody asks for is soon
forgotten, and what is deleted is gone from here as well.
"""

import asyncio
from datetime import timedelta
from threading import Lock
from typing import Final

from hub.model.identifiers import CaseId

__all__ = ["AtHand"]

_MOST_BYTES: Final = 32 * 1024 * 1024
"""What does not fit beside the others is read from the disk."""

_MOST_TIME: Final = timedelta(seconds=10)


class AtHand:
    """Contents by their case and hash. `put` belongs to the event loop, the rest to any thread."""

    def __init__(self) -> None:
        self._contents: dict[tuple[CaseId, str], bytes] = {}
        self._bytes = 0
        self._lock = Lock()

    def put(self, case: CaseId, sha256: str, content: bytes) -> None:
        """Hold it for a moment, if there is room."""
        with self._lock:
            if self._bytes + len(content) > _MOST_BYTES or (case, sha256) in self._contents:
                return
            self._contents[case, sha256] = content
            self._bytes += len(content)
        asyncio.get_running_loop().call_later(_MOST_TIME.total_seconds(), self.take, case, sha256)

    def take(self, case: CaseId, sha256: str) -> bytes | None:
        """The content, which is gone from here afterwards; None if it is not here."""
        with self._lock:
            content = self._contents.pop((case, sha256), None)
            self._bytes -= 0 if content is None else len(content)
            return content

    def forget(self, case: CaseId) -> None:
        """What there is of a case is gone."""
        with self._lock:
            gone = [key for key in self._contents if key[0] == case]
        for key in gone:
            self.take(*key)
