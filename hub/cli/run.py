"""`hub run`: the hub itself, until it is told to end."""

import asyncio
import signal

from hub.cli.logs import log_as_json
from hub.cli.opened import settings
from hub.settings import Settings

__all__ = ["run"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run() -> None:
    """Run the hub until SIGTERM or SIGINT; what is at work is finished first.

    A second signal ends it at once: nothing is lost by that, but some work may be done twice.
    """
    chosen = settings()
    log_as_json()
    asyncio.run(_serve_until_told(chosen))


async def _serve_until_told(chosen: Settings) -> None:
    # Imported here: every other command would wait for the whole hub to be loaded.
    from hub.app import running
    from hub.web import build, serving

    told = _told_to_end()
    async with (
        running(chosen) as hub,
        serving(build(hub), chosen.http_host, chosen.http_port, chosen.http_tls),
    ):
        await told.wait()


def _told_to_end() -> asyncio.Event:
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        told.set()
        for each in _SIGNALS:
            loop.remove_signal_handler(each)

    for each in _SIGNALS:
        loop.add_signal_handler(each, end)
    return told
