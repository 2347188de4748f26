"""How much may arrive at one time: what is being read is in memory, and nobody may fill it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from hub.web.problems import Rejected

__all__ = ["Arriving"]


class Arriving:
    """Room for bytes, of each sender and of all together: nobody alone keeps all others out."""

    def __init__(self, of_one: int, of_all: int) -> None:
        self._of_one = of_one
        self._of_all = of_all
        self._bytes: Counter[str] = Counter()

    @contextmanager
    def reserved(self, whose: str, size: int) -> Iterator[None]:
        """Room for so many bytes while the block runs.

        Raises:
            Rejected: there is none at this moment (503).
        """
        of_one, of_all = self._bytes[whose] + size, self._bytes.total() + size
        if of_one > self._of_one or of_all > self._of_all:
            raise Rejected(
                503,
                "door.busy",
                "Too much arrives at this moment; send it again later.",
                {"Retry-After": "5"},
            )
        self._bytes[whose] = of_one
        try:
            yield
        finally:
            self._bytes[whose] -= size
            self._bytes += Counter()  # forgets whoever has nothing arriving
