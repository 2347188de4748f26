"""Every command of `hub`: its line in `hub --help`, and where it is when somebody asks for it.

Most of what a command takes is importing what it works with, and none works with everything. So a
command's module is imported once the command is named; before that, its line here is all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

__all__ = ["COMMANDS", "Commands", "Entry", "imported"]


@dataclass(frozen=True, slots=True)
class Entry:
    """`place` is `module:name` of a function or a group; `line` is the first of its help."""

    place: str
    line: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "run": Entry(
        "hub.cli.run:run", "Run the hub until SIGTERM or SIGINT; what is at work is finished first."
    ),
    "demo": Entry(
        "hub.cli.demo:demo",
        "Show the hub at work between simulated applicants and a simulated vendor's system.",
    ),
    "faults": Entry(
        "hub.cli.faults:faults",
        "Break the hub and what it needs, again and again, and prove that nothing was lost.",
    ),
    "submit": Entry(
        "hub.cli.submit:submit",
        "Send submissions, replies or withdrawals; none is sent unless all are right.",
    ),
    "journey": Entry("hub.cli.journey:journey", "Show the journey of a case."),
    "calendar": Entry(
        "hub.cli.calendar:show_calendar", "Say which formats change when, and for whom."
    ),
    "erase": Entry(
        "hub.cli.erase:erase", "Delete whatever was said in a case. It cannot be taken back."
    ),
    "forward": Entry(
        "hub.cli.forward:forward",
        "Send the submission of a case to another authority, since its own is not competent.",
    ),
    "backup": Entry(
        "hub.cli.backup:backup",
        "Copy the store and the documents as they are now; hubs may be at work meanwhile.",
    ),
    "restore": Entry(
        "hub.cli.backup:restore",
        "Put a backup where nothing is: no store, and no documents. No hub may run.",
    ),
    "ledger": Entry(
        "hub.cli.ledger:ledger",
        "Show what came in against what became of it; exit code 1 if anything is missing.",
    ),
    "sign-in": Entry(
        "hub.cli.sign_in:sign_in", "Print a link to the console that works once, for ten minutes."
    ),
    "park": Entry(
        "hub.cli.park:park",
        "Pause an authority: its messages wait until `hub resume`, no probe lets them go.",
    ),
    "resume": Entry("hub.cli.park:resume", "Let the messages of a paused authority go again."),
    "retry": Entry(
        "hub.cli.retry:retry", "Try what was postponed now, or one message at another time."
    ),
    "probe": Entry(
        "hub.cli.retry:probe",
        "Let one message through to a parked place now, to see whether it is back.",
    ),
    "status": Entry(
        "hub.cli.status:status", "Show how the hub stands; exit code 1 if something needs a person."
    ),
    "search": Entry(
        "hub.cli.search:search", "Find cases, fifty at most; exit code 1 if there are none."
    ),
    "queues": Entry(
        "hub.cli.queues:queues",
        "Show how deep each of the hub's queues is, and who takes from it or why nobody does.",
    ),
    "rehearse": Entry(
        "hub.cli.rehearse:rehearse",
        "Translate what is owed, and made-up messages, by two tables or days; send nothing.",
    ),
    "schema": Entry(
        "hub.cli.schema:schema", "Print a JSON Schema: of what online services send, or of updates."
    ),
    "config": Entry("hub.cli.config:app", "The settings of this environment."),
    "audit": Entry("hub.cli.audit:app", "Who did or opened what."),
    "dead": Entry("hub.cli.dead:app", "What the hub gave up on."),
    "docs": Entry("hub.cli.docs:app", "Contracts as documents, generated from the code."),
    "mailbox": Entry("hub.cli.mailbox:app", "The hub's own mailbox."),
    "routes": Entry("hub.cli.routes:app", "The routing table."),
    "adapters": Entry("hub.cli.adapters:app", "The vendors' adapters."),
    "topology": Entry("hub.cli.topology:app", "What the hub needs of RabbitMQ."),
    "keys": Entry("hub.cli.keys:app", "Content keys."),
}
"""In the order in which `hub --help` shows them."""


def imported(name: str) -> Any:
    """The command itself, as typer makes it."""
    found, around = resolve_name(COMMANDS[name].place), typer.Typer()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return get_group(around).commands[name]


class Commands(TyperGroup):
    """All of them, by their lines; the one that is called is imported for it."""

    def __init__(self, **about: Any) -> None:
        lines = [TyperCommand(name, help=entry.line) for name, entry in COMMANDS.items()]
        super().__init__(commands=lines, **about)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that `args` begin with."""
        name, line, rest = super().resolve_command(ctx, args)
        return name, line and imported(line.name or ""), rest
