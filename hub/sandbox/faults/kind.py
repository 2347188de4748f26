"""What a kind of fault is, and the ground on which it is provoked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.sandbox.faults.cable import Cable
    from hub.sandbox.processes import Child
    from hub.sandbox.rabbitmq import PrivateRabbitMQ
    from hub.sandbox.world import World

__all__ = ["Ground", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which something breaks.

    Attributes:
        name: dotted, what breaks first: "hub.kill.random", "broker.wiped".
        provoke: does the damage at a moment drawn from the ground's `random`, keeps it up for a
            bounded time and mends it; returns when everything could be whole again.
    """

    name: str
    provoke: Callable[[Ground], Awaitable[None]]


@dataclass(slots=True)
class Ground:
    """What a fault may touch, within one campaign.

    Attributes:
        world: where store, documents, systems and routes are.
        node: the broker.
        hub: the process of the hub.
        random: seeded for this one fault.
        network: the ways between the hub and others, by name.
        make_up: a block in which a party loses what it had confirmed; after it, whoever had sent
            something that the hub does not know sends it again.
        given_up: what the broker has given up on purpose, all in one world; each a dead letter.
        missed: whether the step at which the fault was to happen was never reached.
    """

    world: World
    node: PrivateRabbitMQ
    hub: Child
    random: Random
    network: Mapping[str, Cable] = field(default_factory=dict)
    make_up: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    given_up: list[bytes] = field(default_factory=list)
    missed: bool = False
