"""`hub mailbox`: the letters in the hub's own mailbox, and the links that applicants read by."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import typer

from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.opened import settings, store
from hub.cli.output import show_json
from hub.mailbox.links import Links
from hub.mailbox.local import READ_HERE, LocalMailbox
from hub.model.identifiers import CaseId
from hub.model.letter import Letter
from hub.store import Act, Connection, audit, case_by_id

__all__ = ["app"]

app: Final = typer.Typer(help="The hub's own mailbox.", no_args_is_help=True)


@app.command()
def show(
    case: Annotated[UUID | None, typer.Option(help="Letters about one case.")] = None,
    account: Annotated[str | None, typer.Option(help="Letters of one account.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the letters of a case or of an account; that they were opened is written down."""
    if case is None and account is None:
        raise CommandFailure("give --case, --account or both")
    letters = asyncio.run(_letters(None if case is None else CaseId(case), account))
    if json:
        show_json(list[Letter], letters)
    else:
        print(f"\n\n{'=' * 80}\n".join(map(_readable, letters)) or "No letters yet.")


@app.command()
def link(case: Annotated[UUID, typer.Argument(help="The case that the link opens.")]) -> None:
    """Print a link for the applicant of a case: whoever has it can read the letters and answer."""
    chosen = settings()
    print(asyncio.run(_link(CaseId(case), chosen.public_url, timedelta(days=chosen.link_days))))
    typer.echo(f"It works for {chosen.link_days} days. Send it to the applicant only.", err=True)


async def _link(case: CaseId, public_url: str, lifetime: timedelta) -> str:
    now = datetime.now(UTC)

    def unit(connection: Connection) -> None:
        found = case_by_id(connection, case)
        if found is None or found.provider not in READ_HERE:
            raise CommandFailure(
                f"{case} is no case whose applicant reads letters in the hub's own mailbox;"
                " `hub journey ID` finds a case"
            )
        audit(connection, Act(now, actor(), "link.make", str(case), {}))

    async with store() as opened:
        await opened.run(unit)
        return Links(opened.sealer, public_url, lifetime).to_case(case, now)


async def _letters(case: CaseId | None, account: str | None) -> list[Letter]:
    # An account is personal: the act says only that one was looked up.
    subject = "account" if case is None else str(case)
    act = Act(datetime.now(UTC), actor(), "mailbox.open", subject)
    async with store() as opened:
        await opened.run(lambda c: audit(c, act))
        return await LocalMailbox(opened).list_letters(case=case, account=account)


def _readable(letter: Letter) -> str:
    documents = "".join(f"\n[{document.file_name}]" for document in letter.documents)
    return f"{letter.sender}: {letter.title}\n\n{letter.body}{documents}"
