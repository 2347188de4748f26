"""`hub demo`: the hub with everything around it on one machine."""

from typing import Annotated

import typer

from hub.cli.failures import CommandFailure

__all__ = ["demo"]


def demo(
    count: Annotated[
        int | None, typer.Option(min=1, help="How many submissions; else one of each variant.")
    ] = None,
    kill: Annotated[
        int, typer.Option(min=0, help="How often the hub is killed on the way, and restarted.")
    ] = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running until interrupted.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Show the hub at work between simulated applicants and a simulated vendor's system.

    Sends submissions of all ten services, answers the letters, and proves from everybody's
    books that nothing was lost. Exit code 0 only if so.
    """
    try:
        # Imported here: its documents are made with packages that a hub does not need.
        from hub.sandbox.demo import DemoOptions, run
    except ModuleNotFoundError as missing:
        if (missing.name or "hub").startswith("hub"):
            raise
        raise CommandFailure(
            f"the demo needs {missing.name}: install the hub with its extra `sandbox`"
        ) from None
    raise typer.Exit(run(DemoOptions(count=count, keep=keep, json=json, kill=kill)))
