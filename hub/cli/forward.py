"""`hub forward`: a case whose authority is not competent goes to the one that is."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.acting import actor
from hub.cli.opened import routes, store
from hub.cli.output import show_json
from hub.model.identifiers import AuthorityKey, CaseId
from hub.stages.forward import Forward, Forwarded

__all__ = ["forward"]


def forward(
    case: Annotated[UUID, typer.Argument(help="Id of the case.")],
    authority: Annotated[str, typer.Argument(help="Six-digit key of the competent authority.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, so write nothing personal.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Send the submission of a case to another authority, since its own is not competent."""
    forwarded = asyncio.run(_forward(CaseId(case), authority, reason))
    if json:
        show_json(Forwarded, forwarded)
        return
    print(
        f"Case {forwarded.case} goes from {forwarded.source} to {forwarded.target}"
        f" as message {forwarded.message}."
    )
    if not forwarded.back_channel:
        print("Nothing that this authority answers reaches the applicant: no back-channel.")


async def _forward(case: CaseId, authority: AuthorityKey, reason: str) -> Forwarded:
    table = routes()
    async with store() as opened:
        forwarding = Forward(opened, lambda: table, lambda: datetime.now(UTC))
        return await forwarding.to(case, authority, actor=actor(), reason=reason)
