"""What systems can do wrong: fail, ask for patience, lose their answers, deny, be another.

That every outage is without consequence is for the judge to find. A system that refuses what it
was sent is no kind of fault: what it refuses is a dead letter, by design.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import asyncssh

from hub.sandbox.faults.kind import Ground, Kind
from hub.sandbox.faults.network import break_off
from hub.sandbox.systems import Simulated

__all__ = ["SYSTEMS"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST: Final = 5.0
_HALF: Final = 40  # bytes of an answer's head
_WAIT: Final = 2  # seconds that a busy system asks for


async def _unwilling(party: str, status: int, ground: Ground) -> None:
    mood: dict[str, object] = {"status": status}
    if status == 429:
        until = datetime.now(UTC) + timedelta(seconds=_WAIT)
        wishes = (str(_WAIT), format_datetime(until, usegmt=True))
        mood["retry_after"] = ground.random.choice(wishes)
    url = _parties(ground)[party].book_url.removesuffix("/book") + "/mood"
    await _some_time(ground)
    async with aiohttp.ClientSession() as session:
        (await session.put(url, json=mood)).close()
        try:
            await _a_while(ground)
        finally:
            (await session.delete(url)).close()


async def _answer_breaks_off(party: str, after: int, ground: Ground) -> None:
    await _some_time(ground)
    await break_off(party, ground, after, back=True)


async def _restarted(party: str, ground: Ground) -> None:
    child = _parties(ground)[party].child
    await _some_time(ground)
    await child.kill()
    await _a_while(ground)
    await child.start()


async def _another_server(ground: Ground) -> None:
    """The server shows a key that the hub does not expect, as another in its place would."""
    known: Path = ground.world.folder / "alster" / "known_hosts"
    before = await asyncio.to_thread(known.read_text, "ascii")
    host = before.partition(" ")[0]
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode("ascii")
    await _some_time(ground)
    await asyncio.to_thread(known.write_text, f"{host} {other}", "ascii")
    ground.network["alster"].reset()
    try:
        await _a_while(ground)
    finally:
        await asyncio.to_thread(known.write_text, before, "ascii")


def _parties(ground: Ground) -> Mapping[str, Simulated]:
    return {system.name: system for system in ground.world.systems}


async def _some_time(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))


async def _a_while(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0.5, _LONGEST))


_OVER_HTTP: Final = ("xauslaender", "isar")

SYSTEMS: Final = (
    *(
        Kind(f"system.{status}.{party}", partial(_unwilling, party, status))
        for status in (500, 503, 429)
        for party in _OVER_HTTP
    ),
    Kind("system.denied.alster", partial(_unwilling, "alster", asyncssh.FX_PERMISSION_DENIED)),
    Kind("system.full.alster", partial(_unwilling, "alster", asyncssh.FX_FAILURE)),
    *(
        Kind(f"system.half_answer.{party}", partial(_answer_breaks_off, party, _HALF))
        for party in _OVER_HTTP
    ),
    *(
        Kind(f"system.answer_lost.{party}", partial(_answer_breaks_off, party, 0))
        for party in ("xauslaender", "isar", "alster", "spree")
    ),
    *(
        Kind(f"system.killed.{party}", partial(_restarted, party))
        for party in ("xauslaender", "isar", "alster", "spree")
    ),
    Kind("system.another_server.alster", _another_server),
)
