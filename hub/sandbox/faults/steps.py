"""The steps of a message's way at which a hub may die: their names, and which a call belongs to.

Each stage reads, does, commits, publishes, acknowledges; a step is passed twice, before and after
it is done. Which stage is at work is known by the queue that it handles or the task that it is.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

__all__ = ["POINTS", "TRAP", "Work", "at_work", "commit_of", "stage_of"]

TRAP: Final = "HUB_SANDBOX_TRAP"
"""Names the file that says at which point to die, and at which passage of it."""

_STEPS: Final[dict[str, tuple[str, ...]]] = {
    "intake": ("handle", "commit", "publish", "acknowledge"),
    "deliver": ("handle", "claim", "send", "step", "commit", "publish", "acknowledge"),
    "interpret": ("handle", "commit", "publish", "acknowledge"),
    "mailbox": ("handle", "claim", "send", "provide", "commit", "acknowledge"),
    "dispatch": ("claim", "publish"),
    "collect": ("publish", "commit", "confirm"),
    "bury": ("handle", "commit", "acknowledge"),
}

POINTS: Final = tuple(
    f"{stage}.{step}.{side}"
    for stage, steps in _STEPS.items()
    for step in steps
    for side in ("before", "after")
)
"""Every point, as `stage.step.side`."""

_STAGES: Final = {
    "hub.intake": "intake",
    "hub.interpret": "interpret",
    "hub.dead-letters": "bury",
    "hub.deliver": "deliver",
    "hub.mailbox": "mailbox",
}


@dataclass(slots=True)
class Work:
    """A stage at work. `commits`: how many units it has handed in for the message at hand."""

    stage: str
    commits: int = field(default=0)


at_work: ContextVar[Work | None] = ContextVar("at_work", default=None)
"""Whose work the present call is part of."""


def stage_of(queue: str) -> str:
    """The stage that handles a queue."""
    return _STAGES.get(queue) or _STAGES[queue.rpartition(".")[0]]


def commit_of(work: Work, unit: str) -> str:
    """Which step a unit of work is, by its qualified name and the units before it."""
    if unit.startswith("StoredSteps."):
        return "step"
    if unit.startswith("LocalMailbox."):
        return "provide"
    work.commits += 1
    claims = work.stage == "dispatch" or (work.stage in ("deliver", "mailbox") and work.commits < 2)
    return "claim" if claims else "commit"
