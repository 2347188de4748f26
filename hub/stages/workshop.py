"""Runs adapters' code in threads, some for each adapter: one that hangs blocks only its own.

Python cannot end a thread. An adapter that never returns therefore costs its threads until the
hub is restarted, and its authorities wait; everybody else's work goes on.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final, TypeVar

from hub.model.failure import TransientFailure

__all__ = ["Workshop"]

_THREADS: Final = 4
_PATIENCE: Final = timedelta(seconds=60)
"""A message of 50 MB takes about two seconds to write, validate and serialise."""

T = TypeVar("T")


class Workshop:
    """Threads by adapter, made when first needed."""

    def __init__(self, patience: timedelta = _PATIENCE) -> None:
        self._patience = patience
        self._pools: dict[str, ThreadPoolExecutor] = {}

    async def run(self, adapter: str, work: Callable[[], T]) -> T:
        """Run `work` in a thread of `adapter`.

        Raises:
            TransientFailure: it did not return in time, or found no free thread in time.
            Exception: whatever it raised.
        """
        pool = self._pools.get(adapter)
        if pool is None:
            pool = self._pools[adapter] = ThreadPoolExecutor(
                _THREADS, thread_name_prefix=f"adapter-{adapter}"
            )
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(
                loop.run_in_executor(pool, work), self._patience.total_seconds()
            )
        except TimeoutError:
            raise TransientFailure(
                "adapter.too_slow",
                f"Adapter {adapter} did not return within {self._patience.total_seconds():.0f} s.",
            ) from None

    def close(self) -> None:
        """Take no more work; threads that hang are left to the end of the process."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
