"""Where a contestant finds its broker and the system it delivers to."""

import os
from typing import Final

__all__ = ["AMQP_URL", "AT_ONCE", "SYSTEM_URL"]

AMQP_URL: Final = os.environ.get("BENCH_AMQP_URL", "amqp://guest:guest@127.0.0.1/")
SYSTEM_URL: Final = os.environ.get("BENCH_SYSTEM_URL", "http://127.0.0.1:8080")
AT_ONCE: Final = 50
"""Messages at work at once in one process, as in the hub."""
