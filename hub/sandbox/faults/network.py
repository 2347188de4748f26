"""What can happen on the way between the hub and others: cut, silent, slow, broken off.

The way of Spree is that between Spree and the broker, over which it and the hub talk.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from hub.sandbox.faults.cable import Cable
from hub.sandbox.faults.kind import Ground, Kind

__all__ = ["NETWORK"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST: Final = 5.0
_SLOW: Final = 20_000  # bytes per second
_MIDDLE: Final = 20_000  # bytes, within which a connection breaks off

_Do = Callable[[Cable, Ground], None]


def _cut(cable: Cable, _: Ground) -> None:
    cable.cut()


def _swallow(cable: Cable, _: Ground) -> None:
    cable.black_hole()


def _slow(cable: Cable, _: Ground) -> None:
    cable.slow(_SLOW)


def _break_off(cable: Cable, ground: Ground) -> None:
    cable.reset_after(ground.random.randrange(_MIDDLE), back=ground.random.random() < 0.5)


async def _on_the_way(party: str, do: _Do, ground: Ground) -> None:
    cable = ground.network[party]
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))
    do(cable, ground)
    try:
        await asyncio.sleep(ground.random.uniform(0.5, _LONGEST))
    finally:
        cable.heal()


_WAYS: Final = {"cut": _cut, "black_hole": _swallow, "slow": _slow, "reset": _break_off}

NETWORK: Final = tuple(
    Kind(f"network.{what}.{party}", partial(_on_the_way, party, do))
    for what, do in _WAYS.items()
    for party in ("broker", "xauslaender", "isar", "alster", "spree")
)
