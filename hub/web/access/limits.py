"""A limit on how often somebody may try something: a bucket of attempts that fills again.

Kept in this process, for as many keys as fit: whoever was longest away is forgotten first.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hub.web.problems import Rejected

__all__ = ["Limit"]

_MOST_KEYS: Final = 10_000


class Limit:
    """At most `burst` attempts at once, and `per_minute` in the long run, for each key."""

    def __init__(
        self, burst: int, per_minute: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one attempt.

        Raises:
            Rejected: 429, with the seconds until the next attempt.
        """
        now = self._clock()
        left, since = self._buckets.pop(key, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        if not allowed:
            seconds = str(max(1, round((1 - left) / self._per_second)))
            raise Rejected(
                429,
                "access.too_often",
                f"That was tried too often; try again in {seconds} seconds.",
                {"Retry-After": seconds},
            )
