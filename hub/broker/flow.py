"""How much goes into the queues and out of them, without the broker's management plugin.

What a passive declaration tells is a depth; how many messages it was given, this process knows. Of
two looks both rates follow: out is what was taken between them, in is that and what the depth has
grown by. What another process takes is not seen, and makes both too small; what is returned to its
queue counts as both.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

__all__ = ["Flow", "Flows"]

_LEAST: Final = timedelta(seconds=5)
"""Between two looks: of less no rate is made."""

_LONGEST: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages that went in and out within `over`, as far as this process can know."""

    came_in: int
    went_out: int
    over: timedelta


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    depths: Mapping[str, int]
    taken: Mapping[str, int]


class Flows:
    """Remembers the looks of the last minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looks: deque[_Look] = deque()

    def look(self, depths: Mapping[str, int], taken: Mapping[str, int]) -> dict[str, Flow]:
        """What went through each queue since the oldest look that is remembered.

        Args:
            depths: messages that wait in each queue now.
            taken: messages that this process was given from each queue so far.
        """
        new = _Look(self._clock(), depths, taken)
        while self._looks and new.at - self._looks[0].at > _LONGEST.total_seconds():
            self._looks.popleft()
        before = self._looks[0] if self._looks else None
        self._looks.append(new)
        if before is None or new.at - before.at < _LEAST.total_seconds():
            return {}
        over = timedelta(seconds=new.at - before.at)
        flows = {queue: _between(before, new, queue, over) for queue in depths}
        return {queue: flow for queue, flow in flows.items() if flow is not None}


def _between(before: _Look, new: _Look, queue: str, over: timedelta) -> Flow | None:
    if queue not in before.depths:
        return None
    out = new.taken.get(queue, 0) - before.taken.get(queue, 0)
    came = new.depths[queue] - before.depths[queue] + out
    # Of a queue that was purged, or subscribed to anew, nothing can be said.
    return Flow(came, out, over) if out >= 0 and came >= 0 else None
