"""`hub mailbox`: the letters in the hub's own mailbox, as applicants read them."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import store
from hub.cli.output import show_json
from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import CaseId
from hub.model.letter import Letter

__all__ = ["app"]

app: Final = typer.Typer(help="The hub's own mailbox.", no_args_is_help=True)


@app.callback()
def _noun() -> None:
    # A group with a single command would otherwise become that command.
    pass


@app.command()
def show(
    case: Annotated[UUID | None, typer.Option(help="Letters about one case.")] = None,
    account: Annotated[str | None, typer.Option(help="Letters of one account.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the letters of a case or of an account."""
    if case is None and account is None:
        raise CommandFailure("give --case, --account or both")
    letters = asyncio.run(_letters(None if case is None else CaseId(case), account))
    if json:
        show_json(list[Letter], letters)
    else:
        print(f"\n\n{'=' * 80}\n".join(map(_readable, letters)) or "No letters yet.")


async def _letters(case: CaseId | None, account: str | None) -> list[Letter]:
    async with store() as opened:
        return await LocalMailbox(opened).list_letters(case=case, account=account)


def _readable(letter: Letter) -> str:
    documents = "".join(f"\n[{document.file_name}]" for document in letter.documents)
    return f"{letter.sender}: {letter.title}\n\n{letter.body}{documents}"
