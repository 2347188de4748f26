"""`hub faults`: runs a campaign, shows how far it is, and prints what was found."""

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from typing import Final

import structlog
from rich.console import Console

from hub.sandbox.faults.campaign import Plan, campaign
from hub.sandbox.faults.kinds import chosen
from hub.sandbox.faults.report import Report, show

__all__ = ["FaultsOptions", "run"]

_INTERRUPTED: Final = 130
_WIDTH_OF_A_LOG: Final = 160


@dataclass(frozen=True, slots=True)
class FaultsOptions:
    """What is asked for.

    Attributes:
        runs: how many faults.
        seed: the same one provokes the same faults.
        kinds: beginnings of names; none means all.
        json: print one JSON object as the last line.
    """

    runs: int
    seed: int
    kinds: Sequence[str] = ()
    json: bool = False


def run(options: FaultsOptions) -> int:
    """Run the campaign; returns the process's exit status, 0 only if nothing was found.

    Raises:
        UnknownKind: there is no such kind.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_LOG
    # What the applicants' own broker connection logs would drown the progress, and spoil stdout.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    plan = Plan(options.runs, options.seed, chosen(options.kinds))
    try:
        report = asyncio.run(_run(plan, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    except RuntimeError as error:
        console.print(f"The campaign could not run: {error}", style="red", markup=False)
        return 1
    show(console, report)
    if options.json:
        print(dumps(report.as_json()), flush=True)  # noqa: T201 - the result itself
    return 0 if report.good else 1


async def _run(plan: Plan, console: Console) -> Report:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - only called from a task
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)

    def progress(report: Report, word: str) -> None:
        console.print(f"{len(report.faults):>5} of {plan.runs}  {word}", markup=False)

    return await campaign(plan, progress)
