"""The hub's commands, one file per noun.

Results go to stdout, what went wrong goes to stderr as sentences, and the exit code tells a
script: 0 done, 1 not done, 2 called wrongly.
"""

import os
import sys
import traceback
from collections.abc import Sequence

from hub.cli.commands import Commands
from hub.cli.logs import log_nothing

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (else the command line) name, and exit."""
    sys.exit(_outcome(arguments))


def _outcome(arguments: Sequence[str] | None) -> int:
    log_nothing()
    try:
        code = _hub.main(arguments, prog_name="hub", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the outermost edge: people get a sentence
        # Imported here: it knows the model, for which `hub --help` need not wait.
        from hub.cli.failures import exit_code, sentences

        if os.environ.get("HUB_TRACEBACK"):
            traceback.print_exception(error)
        for sentence in sentences(error):
            print(sentence, file=sys.stderr)
        return exit_code(error)
    return code or 0


_hub = Commands(
    name="hub",
    help="Carries applications for residence titles to case-management systems, and answers back.",
    no_args_is_help=True,
)
