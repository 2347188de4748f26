"""`hub keys`: what lies under which content key, a new one, and the change to it."""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.opened import reading, settings, store
from hub.cli.output import show_json, show_table
from hub.stages.rotation import KeyInUse, Progress, Rotation, keys_in_use
from hub.store import SEALED_PLACES, Sealer

__all__ = ["app"]

app: Final = typer.Typer(help="Content keys.", invoke_without_command=True)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]

_SAY_EVERY: Final = 1.0
"""Seconds between two lines of progress."""


@app.callback()
def list_(context: typer.Context, json: AsJson = False) -> None:
    """Say how much lies under which content key, and which of them is needed no more."""
    if context.invoked_subcommand is not None:
        return
    keys = asyncio.run(_keys())
    if json:
        show_json(list[KeyInUse], keys)
    else:
        _show(keys)


@app.command()
def new() -> None:
    """Print a new content key, for HUB_CONTENT_KEY or the file of HUB_CONTENT_KEY_FILE.

    To change keys put the new one in front of the old ones, separated by a comma, restart every
    hub, and run `hub keys rotate`.
    """
    print(Sealer.generate_text())


@app.command()
def rotate(json: AsJson = False) -> None:
    """Seal whatever lies under an older key with the newest; hubs may run meanwhile.

    It may be ended at any time, and goes on where it was when it is run again.
    """
    last = asyncio.run(_rotate())
    keys = asyncio.run(_keys())
    if json:
        show_json(list[KeyInUse], keys)
    else:
        print(f"Sealed anew: {last.resealed}.")
        _show(keys)
    if last.left:
        raise CommandFailure(
            f"{last.left} are not under the newest key. Either a hub still runs with the old keys:"
            " restart it and run this again; or a key is missing in HUB_CONTENT_KEY, or what lies"
            " there was damaged."
        )


async def _rotate() -> Progress:
    last, said = Progress(0, 0), 0.0
    async with store() as opened:
        async for last in Rotation(opened, lambda: datetime.now(UTC), actor=actor()).run():
            if time.monotonic() - said >= _SAY_EVERY:
                said = time.monotonic()
                print(f"{last.resealed} sealed anew, {last.left} left", file=sys.stderr, flush=True)
    return last


async def _keys() -> list[KeyInUse]:
    links_open = timedelta(days=settings().link_days)
    async with reading() as opened:
        return await keys_in_use(opened, links_open)


def _show(keys: list[KeyInUse]) -> None:
    places = [*(place.name for place in SEALED_PLACES), "documents"]
    show_table(
        ("key", *(f"#{place.replace('_', ' ')}" for place in places), "what it is for"),
        ((key.key, *(key.values.get(place, 0) for place in places), _use(key)) for key in keys),
    )


def _use(key: KeyInUse) -> str:
    if key.newest:
        return "seals, and opens"
    if not key.configured:
        return "missing in HUB_CONTENT_KEY: what lies under it cannot be opened"
    if key.values:
        return "opens; `hub keys rotate` seals it anew"
    if key.free_from is None:
        return "nothing lies under it; run `hub keys rotate` before you remove it"
    return f"links sent before the change; may be removed from {key.free_from:%Y-%m-%d %H:%M} UTC"
