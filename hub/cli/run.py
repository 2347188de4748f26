"""`hub run`: the hub itself, until it is told to end."""

import asyncio
import signal
from contextlib import suppress

from hub.cli.logs import log_as_json
from hub.cli.opened import settings
from hub.settings import Settings

__all__ = ["run"]


def run() -> None:
    """Run the hub until SIGTERM or SIGINT; what is at work is finished first.

    A second signal ends it at once: nothing is lost by that, but some work may be done twice.
    """
    chosen = settings()
    log_as_json()
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve_until_told(chosen))


async def _serve_until_told(chosen: Settings) -> None:
    # Imported here: every other command would wait for the whole hub to be loaded.
    from hub.app import running
    from hub.web import serve

    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - asyncio.run made it
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, work.cancel)
    async with running(chosen) as hub:
        try:
            await serve(hub)
        except asyncio.CancelledError:
            # Told to end: from here on this is an ordinary shutdown, which drains.
            work.uncancel()
