"""How far the demo is, as bars that move while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.sandbox.play import Play

__all__ = ["shown"]

_EVERY: Final = 0.2


@asynccontextmanager
async def shown(play: Play, console: Console) -> AsyncIterator[None]:
    """Show how far `play` is while the block runs."""
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        moving = asyncio.create_task(_move(play, progress))
        try:
            yield
        finally:
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)


async def _move(play: Play, progress: Progress) -> None:
    sent = progress.add_task("sent", total=play.to_send)
    letters = progress.add_task("letters", total=play.to_read)
    try:
        while True:
            await asyncio.sleep(_EVERY)
            progress.update(sent, completed=play.sent)
            progress.update(letters, completed=play.letters)
    finally:
        progress.update(sent, completed=play.sent)
        progress.update(letters, completed=play.letters)
