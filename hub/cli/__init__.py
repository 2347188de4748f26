"""The hub's commands, one file per noun.

Results go to stdout, what went wrong goes to stderr as sentences, and the exit code tells a
script: 0 done, 1 not done, 2 called wrongly.
"""

import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

from hub.cli import (
    adapters,
    audit,
    backup,
    calendar,
    config,
    dead,
    demo,
    docs,
    erase,
    faults,
    forward,
    journey,
    keys,
    ledger,
    mailbox,
    park,
    queues,
    rehearse,
    retry,
    routes,
    run,
    schema,
    search,
    sign_in,
    status,
    submit,
    topology,
)
from hub.cli.failures import exit_code, sentences
from hub.cli.logs import log_nothing

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (else the command line) name, and exit."""
    sys.exit(_outcome(arguments))


def _outcome(arguments: Sequence[str] | None) -> int:
    log_nothing()
    try:
        code = get_command(_app).main(arguments, prog_name="hub", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the outermost edge: people get a sentence
        if os.environ.get("HUB_TRACEBACK"):
            traceback.print_exception(error)
        for sentence in sentences(error):
            print(sentence, file=sys.stderr)
        return exit_code(error)
    return code or 0


_app = typer.Typer(
    name="hub",
    help="Carries applications for residence titles to case-management systems, and answers back.",
    no_args_is_help=True,
    add_completion=False,
)
_app.command("run")(run.run)
_app.command("demo")(demo.demo)
_app.command("faults")(faults.faults)
_app.command("submit")(submit.submit)
_app.command("journey")(journey.journey)
_app.command("calendar")(calendar.show_calendar)
_app.add_typer(config.app, name="config")
_app.command("erase")(erase.erase)
_app.command("forward")(forward.forward)
_app.command("backup")(backup.backup)
_app.command("restore")(backup.restore)
_app.command("ledger")(ledger.ledger)
_app.add_typer(audit.app, name="audit")
_app.command("sign-in")(sign_in.sign_in)
_app.add_typer(dead.app, name="dead")
_app.add_typer(docs.app, name="docs")
_app.add_typer(mailbox.app, name="mailbox")
_app.add_typer(routes.app, name="routes")
_app.add_typer(adapters.app, name="adapters")
_app.command("park")(park.park)
_app.command("resume")(park.resume)
_app.command("retry")(retry.retry)
_app.command("probe")(retry.probe)
_app.command("status")(status.status)
_app.command("search")(search.search)
_app.command("queues")(queues.queues)
_app.add_typer(topology.app, name="topology")
_app.command("rehearse")(rehearse.rehearse)
_app.command("schema")(schema.schema)
_app.add_typer(keys.app, name="keys")
