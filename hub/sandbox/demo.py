"""`hub demo`: the whole way on one machine, and the proof from everybody's books that it held.

Starts a private world, sends the samples, lets the applicants answer their letters, may kill
the hub on the way, and says at the end whether every confirmed submission was accepted once and
every expected letter was provided.
"""

import asyncio
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console

from hub.broker import Broker
from hub.sandbox.applicants import Applicants
from hub.sandbox.destinations import destinations
from hub.sandbox.observer import Observer
from hub.sandbox.play import Play, read_books
from hub.sandbox.progress import shown
from hub.sandbox.samples import Sample, samples
from hub.sandbox.table import show
from hub.sandbox.verdict import Verdict, judge
from hub.sandbox.world import World, running_world
from hub.store import Sealer, open_store
from hub.web.access import Access, Sessions

__all__ = ["DemoOptions", "run"]

_INTERRUPTED: Final = 130
_WIDTH_OF_A_LOG: Final = 160


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the demo is asked to do.

    Attributes:
        count: how many submissions; by default one of each variant.
        keep: leave everything running afterwards, until interrupted.
        json: print one JSON object as the last line.
        kill: how often the hub is killed with SIGKILL on the way, and started again.
    """

    count: int | None = None
    keep: bool = False
    json: bool = False
    kill: int = 0


def run(options: DemoOptions) -> int:
    """Run the demo; returns the process's exit status, 0 only if all is well."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_LOG
    # What the applicants' own broker connection logs would drown the progress, and spoil stdout.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        return asyncio.run(_run(options, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    except RuntimeError as error:
        console.print(f"The demo could not run: {error}", style="red", markup=False)
        return 1


async def _run(options: DemoOptions, console: Console) -> int:
    _end_on_signals()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        console.print("starting RabbitMQ, the simulated systems and the hub …")
        async with running_world(Path(folder)) as world:
            sent = samples(destinations(world.routes, datetime.now(UTC).date()), options.count)
            verdict = await _play(world, sent, options, console)
            seconds = time.monotonic() - began
            show(console, verdict, world.routes, seconds)
            if options.json:
                print(_as_json(verdict, seconds), flush=True)  # noqa: T201 - the result itself
            if options.keep:
                _show_addresses(console, world)
                await asyncio.Event().wait()
    return 0 if verdict.good else 1


async def _play(
    world: World, sent: Sequence[Sample], options: DemoOptions, console: Console
) -> Verdict:
    sealer = Sealer.from_text(world.content_key)
    async with (
        Broker(world.amqp_urls, name="applicants") as broker,
        open_store(world.store_url, world.documents, sealer) as store,
    ):
        applicants = Applicants(broker.publisher, f"{world.hub_url}/documents", world.token)
        observer = Observer(store)
        play = Play(sent, applicants, observer, world.hub, kills=options.kill)
        async with shown(play, console):
            await play.run()
        books = await read_books(sent, applicants, observer, world.book_urls)
        return judge(sent, books)


def _as_json(verdict: Verdict, seconds: float) -> str:
    return dumps(
        {
            "submissions": len(verdict.rows),
            "accepted": verdict.accepted,
            "letters": verdict.letters,
            "replies": verdict.replies,
            "conversations": verdict.conversations,
            "dead": verdict.dead,
            "ledger": "balanced" if verdict.balanced else "unbalanced",
            "seconds": round(seconds, 1),
        }
    )


def _show_addresses(console: Console, world: World) -> None:
    for name, address in (
        ("console", _sign_in_link(world)),
        ("hub", world.hub_url),
        ("RabbitMQ", world.amqp_url),
        *(("simulated system", url) for url in world.book_urls),
        ("everything else", str(world.folder)),
    ):
        console.print(f"{name:>16}  {address}", markup=False, soft_wrap=True)
    console.print(
        f"To look around with the hub's commands: . {world.folder}/settings.sh",
        markup=False,
        soft_wrap=True,
    )
    console.print("All is running until you press Ctrl-C.")


def _sign_in_link(world: World) -> str:
    """A link that signs in once."""
    sealer = Sealer.from_text(world.content_key)
    sessions = Sessions(sealer, Access(None), secure=False)
    return f"{world.hub_url}/sign-in/link/{sessions.link('demo', 'admin')}"


def _end_on_signals() -> None:
    """Be ended like by Ctrl-C: in good order, leaving nothing behind."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - only called from a task
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
