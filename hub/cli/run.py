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
    from hub.web import build, serving

    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - asyncio.run made it
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, work.cancel)
    # Ends in reverse: the doors close, then what is at work is finished.
    async with (
        running(chosen) as hub,
        serving(build(hub), chosen.http_host, chosen.http_port),
    ):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            # Told to end: from here on this is an ordinary shutdown. If it was a part of the
            # hub that failed, `running` raises that now.
            work.uncancel()
