"""What goes wrong next: said by the test, met once by whoever comes to that place first."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["FAULTS", "Fault", "Faults", "Place"]

Place = Literal["publish", "refusal", "commit", "system", "mailbox"]
Fault = Literal["before", "after", "later", "down", "doubt", "refuse", "bug"]

FAULTS: dict[Place, tuple[Fault, ...]] = {
    "publish": ("before", "after"),  # not confirmed, and not taken, or taken nevertheless
    "refusal": ("before", "after"),  # the same, of what senders are told
    "commit": ("before", "after"),  # the store is away, and nothing is kept, or all of it is
    "system": ("later", "down", "doubt", "refuse", "bug"),
    "mailbox": ("later", "down", "doubt", "bug"),
}


@dataclass
class Faults:
    """Those that wait for somebody to meet them."""

    waiting: list[tuple[Place, Fault]] = field(default_factory=list)

    def add(self, place: Place, fault: Fault) -> None:
        self.waiting.append((place, fault))

    def meet(self, place: Place) -> Fault | None:
        """The first that waits at this place, which is then over."""
        for position, (where, fault) in enumerate(self.waiting):
            if where == place:
                del self.waiting[position]
                return fault
        return None
