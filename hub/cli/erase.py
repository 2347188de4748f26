"""`hub erase`: every byte of what was said in a case is deleted; that it was there stays proven."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from hub.broker import DEAD_LETTERS, INTAKE, INTERPRET
from hub.cli.acting import actor
from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, store
from hub.cli.output import show_json, show_table
from hub.model.identifiers import CaseId
from hub.stages.erasure import Erased, Erasure, StillOwed

__all__ = ["erase"]

_WITH_CONTENT: Final = (INTAKE, INTERPRET, DEAD_LETTERS)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`waiting`: messages in the hub's queues that have content; None if RabbitMQ is away."""

    erased: Erased
    waiting: dict[str, int] | None


def erase(
    case: Annotated[UUID, typer.Argument(help="Id of the case; `hub search` finds it.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, so write nothing personal.")],
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Discard what is not finished: it never arrives."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Delete whatever was said in a case. It cannot be taken back."""
    if not yes:
        typed = typer.prompt("This cannot be taken back. Type the id of the case", err=True)
        if typed.strip().lower() != str(case):
            raise CommandFailure("That is not its id; nothing was erased.")
    outcome = asyncio.run(_erase(CaseId(case), reason, discard=discard))
    if json:
        show_json(_Outcome, outcome)
    else:
        _say(outcome)


async def _erase(case: CaseId, reason: str, *, discard: bool) -> _Outcome:
    async with store() as opened:
        erasure = Erasure(opened, lambda: datetime.now(UTC))
        try:
            erased = await erasure.erase(case, actor=actor(), reason=reason, discard=discard)
        except StillOwed as owed:
            hint = "--discard discards it" if owed.cause == "case.unfinished" else None
            raise CommandFailure(owed.sentence, *([hint] if hint else [])) from None
    return _Outcome(erased, await _waiting())


async def _waiting() -> dict[str, int] | None:
    try:
        async with broker("hub erase") as connected:
            return await connected.depths(_WITH_CONTENT)
    except (CommandFailure, ConnectionError, TimeoutError):
        return None


def _say(outcome: _Outcome) -> None:
    erased = outcome.erased
    again = "" if erased.first else " once more"
    print(f"Case {erased.case} is erased{again}.")
    show_table(
        ("#messages", "#discarded", "#refused at the door", "#documents", "#staged"),
        [
            (
                erased.messages,
                erased.discarded,
                erased.letters_at_the_door,
                erased.documents,
                erased.staged,
            )
        ],
    )
    if outcome.waiting is None:
        print("RabbitMQ was not reached: what of the case lies in its queues is not known.")
    elif any(outcome.waiting.values()):
        there = ", ".join(f"{n} in {queue}" for queue, n in outcome.waiting.items() if n)
        print(f"Waiting messages: {there}. What of them is of the case, the hub will not keep.")
    print(
        "Not reached: what systems, mailboxes of others and senders have; backups; what RabbitMQ"
        " and PostgreSQL keep in their logs until these are written anew. See docs/privacy.md."
    )
