"""`hub faults`: faults provoked on purpose, and the proof from everybody's books."""

from typing import Annotated

import typer

from hub.cli.failures import CommandFailure

__all__ = ["faults"]


def faults(
    runs: Annotated[int, typer.Option(min=1, help="How many faults.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="The same provokes the same faults.")] = 1,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only kinds whose name begins so, such as hub.kill; may be repeated."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Break the hub and what it needs, again and again, and prove that nothing was lost.

    Submissions flow all the time. At the end the books of applicants, systems and mailboxes are
    compared. Exit code 0 only if nothing was lost, doubled or out of order.
    """
    try:
        # Imported here: its documents are made with packages that a hub does not need.
        from hub.sandbox.faults.kinds import UnknownKind
        from hub.sandbox.faults.running import FaultsOptions, run
    except ModuleNotFoundError as missing:
        if (missing.name or "hub").startswith("hub"):
            raise
        raise CommandFailure(
            f"faults need {missing.name}: install the hub with its extra `sandbox`"
        ) from None
    try:
        status = run(FaultsOptions(runs, seed, tuple(kind or ()), json))
    except UnknownKind as unknown:
        raise CommandFailure(str(unknown)) from None
    raise typer.Exit(status)
