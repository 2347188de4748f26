"""`hub run`: the hub itself, or several of them, until it is told to end."""

import asyncio
import ctypes
import gc
import os
import secrets
import signal
import socket
from collections.abc import Collection
from typing import Annotated, Final

import typer

from hub.cli.failures import CommandFailure
from hub.cli.logs import log_as_json
from hub.cli.opened import settings
from hub.cli.several import keep_several, told_to_end
from hub.settings import Settings
from hub.stages import STAGES, Stage

__all__ = ["run"]

_PR_SET_PDEATHSIG: Final = 1
_HIGHEST_PORT: Final = 0xFFFF
_ALLOCATIONS: Final = 20_000
"""After which the collector looks at what is new; Python's own 700 is less than one message."""
_ALL: Final = "intake,deliver,interpret,mailbox"


def _stages(text: str) -> frozenset[Stage]:
    """Raise BadParameter if one of them is none."""
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    if not wanted or wanted - STAGES:
        raise typer.BadParameter(f"name some of {_named(STAGES)}, separated by commas")
    return frozenset(stage for stage in STAGES if stage in wanted)


def run(
    stages: Annotated[
        str,
        typer.Option(
            metavar="STAGE,…",
            help="Work at these only; other hubs on the same store and broker at the rest.",
        ),
    ] = _ALL,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="So many hubs; one that dies is started again.")
    ] = 1,
    child: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Run the hub until SIGTERM or SIGINT; what is at work is finished first.

    A second signal ends it at once: nothing is lost by that, but some work may be done twice.
    Several processes listen on HUB_HTTP_PORT and the ports that follow, and need PostgreSQL.
    """
    wanted, chosen = _stages(stages), settings()
    if chosen.store_at.startswith("sqlite") and (processes > 1 or wanted != STAGES):
        raise CommandFailure(
            "SQLite has one hub, with all stages: set HUB_STORE_URL to PostgreSQL"
            " (postgresql+psycopg://user@host/database) to have several share the work."
        )
    log_as_json()
    if processes > 1:
        raise typer.Exit(asyncio.run(_several(chosen, wanted, processes)))
    if child:
        _end_with(_parent_of(child))
    asyncio.run(_serve_until_told(chosen, wanted, child))


async def _serve_until_told(chosen: Settings, stages: Collection[Stage], child: str) -> None:
    # Imported here: every other command would wait for the whole hub to be loaded.
    from hub.app import running
    from hub.web.building import build
    from hub.web.server import serving

    told = told_to_end(None if child else _end_at_once)
    async with (
        running(chosen, stages, child or None) as hub,
        serving(build(hub), chosen.http_host, chosen.http_port, chosen.http_tls),
    ):
        _spare_what_stays()
        await told.wait()


async def _several(chosen: Settings, stages: Collection[Stage], count: int) -> int:
    first = chosen.http_port
    if first and first + count - 1 > _HIGHEST_PORT:
        raise CommandFailure(f"HUB_HTTP_PORT: there are not {count} ports from {first} on.")
    # Whoever takes the place of a child that died takes over its name, and with it what it had.
    family = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    return await keep_several(
        [
            (
                ("run", "--stages", _named(stages), "--child", f"{family}:{number}"),
                {"HUB_HTTP_PORT": str(first and first + number)},
            )
            for number in range(count)
        ]
    )


def _spare_what_stays() -> None:
    """Keep the garbage collector from what was there at the start, and from coming too often.

    It took 6 % of the event loop, nearly all of it for modules and models that never go
    (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def _parent_of(child: str) -> int:
    return int(child.rsplit(":", 3)[1])


def _end_at_once() -> None:
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with(parent: int) -> None:
    """Have the kernel tell this process to end when its parent has gone, however it went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it went before it could be watched
        raise CommandFailure("The process that started this one has ended.")


def _named(stages: Collection[Stage]) -> str:
    return ",".join(sorted(stages))
