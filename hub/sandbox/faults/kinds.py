"""The catalogue: every kind of fault by its name, which is all that a further one needs."""

from collections.abc import Sequence
from typing import Final

from hub.sandbox.faults.broker import BROKER
from hub.sandbox.faults.given_up import GIVEN_UP
from hub.sandbox.faults.kill import KILLS
from hub.sandbox.faults.kind import Kind
from hub.sandbox.faults.network import NETWORK
from hub.sandbox.faults.store import STORE
from hub.sandbox.faults.systems import SYSTEMS
from hub.sandbox.faults.together import TOGETHER

__all__ = ["KINDS", "UnknownKind", "chosen"]

KINDS: Final[tuple[Kind, ...]] = (
    *KILLS,
    *GIVEN_UP,
    *BROKER,
    *NETWORK,
    *SYSTEMS,
    *STORE,
    *TOGETHER,
)


class UnknownKind(ValueError):
    """No kind begins so; says which there are."""

    def __init__(self, prefix: str) -> None:
        names = ", ".join(kind.name for kind in KINDS)
        super().__init__(f"no kind of fault begins with {prefix}; there are {names}")


def chosen(prefixes: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds whose names begin with one of these, word by word; without any, all.

    Raises:
        UnknownKind: nothing begins with one of them.
    """
    for prefix in prefixes:
        if not any(_begins(kind, prefix) for kind in KINDS):
            raise UnknownKind(prefix)
    return tuple(k for k in KINDS if not prefixes or any(_begins(k, each) for each in prefixes))


def _begins(kind: Kind, prefix: str) -> bool:
    return f"{kind.name}.".startswith(f"{prefix.rstrip('.')}.")
