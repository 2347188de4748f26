"""How a command ends when it cannot do its work: in sentences on stderr, never in a traceback."""

from pydantic import ValidationError
from typer import TyperException

from hub.model.failure import BrokenFile, HubFailure
from hub.model.problems import problems

__all__ = ["CommandFailure", "exit_code", "sentences"]


class CommandFailure(Exception):
    """The command cannot go on; each sentence says one thing that is wrong and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def sentences(error: BaseException) -> list[str]:
    """What to tell the person at the terminal about `error`, one line each."""
    match error:
        case BaseExceptionGroup():
            return [said for inner in error.exceptions for said in sentences(inner)]
        case CommandFailure():
            return list(error.sentences)
        case TyperException():
            return [error.format_message()]
        case BrokenFile():
            return str(error).splitlines()
        case ValidationError():
            return [f"{field}: {said}" if field else said for field, said in problems(error)]
        case HubFailure():
            return [error.sentence]
        case OSError(filename=str(name), strerror=str(reason)):
            return [f"{name}: {reason}"]
        case _:
            kind = type(error).__name__
            return [f"This is an error in the hub itself ({kind}); HUB_TRACEBACK=1 shows where."]


def exit_code(error: BaseException) -> int:
    """2 if the command was called wrongly, 1 for everything else."""
    return error.exit_code if isinstance(error, TyperException) else 1
