"""What can happen on the way between the hub and others: cut, silent, slow, broken off.

The way of Spree is that between Spree and the broker, over which it and the hub talk.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from hub.sandbox.faults.cable import Cable
from hub.sandbox.faults.kind import Ground, Kind

__all__ = ["NETWORK", "break_off"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST: Final = 5.0
_LONGEST_WAIT: Final = 10.0
_SLOW: Final = 20_000  # bytes per second
_MIDDLE: Final = 20_000  # bytes, within which a connection breaks off

_Do = Callable[[Cable], None]


async def _on_the_way(party: str, do: _Do, ground: Ground) -> None:
    cable = ground.network[party]
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    do(cable)
    try:
        await asyncio.sleep(ground.random.uniform(0.5, _LONGEST))
    finally:
        cable.heal()


async def _broken_off(party: str, ground: Ground) -> None:
    back = ground.random.random() < 0.5
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    await break_off(party, ground, ground.random.randrange(_MIDDLE), back=back)


async def break_off(party: str, ground: Ground, count: int, *, back: bool) -> None:
    """Break the next connection off after so many bytes; missed if nothing came in time."""
    cable = ground.network[party]
    broken = cable.reset_after(count, back=back)
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await broken.wait()
    except TimeoutError:
        ground.missed = True
    finally:
        cable.heal()


def _slow(cable: Cable) -> None:
    cable.slow(_SLOW)


_WAYS: Final[Mapping[str, _Do]] = {
    "cut": Cable.cut,
    "black_hole": Cable.black_hole,
    "slow": _slow,
}
_PARTIES: Final = ("broker", "xauslaender", "isar", "alster", "spree")

NETWORK: Final = (
    *(
        Kind(f"network.{what}.{party}", partial(_on_the_way, party, do))
        for what, do in _WAYS.items()
        for party in _PARTIES
    ),
    *(Kind(f"network.reset.{party}", partial(_broken_off, party)) for party in _PARTIES),
)
