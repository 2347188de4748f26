"""The event loop of whoever has no command of its own: uvloop where it is installed."""

import asyncio
from collections.abc import Coroutine
from importlib.util import find_spec
from typing import Any

__all__ = ["run"]


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it until it ends."""
    if find_spec("uvloop") is None:
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)
