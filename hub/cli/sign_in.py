"""`hub sign-in`: a link that signs somebody in at the console, once."""

import asyncio
from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated

import typer

from hub.cli.opened import settings, store
from hub.store import Act, audit
from hub.web.access import Access, Role, Sessions
from hub.web.access.sessions import LINK_LIFETIME

__all__ = ["sign_in"]


def sign_in(
    name: Annotated[str, typer.Argument(help="Who is to sign in; the audit names them so.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = "viewer",
) -> None:
    """Print a link to the console that works once, for ten minutes."""
    print(asyncio.run(_link(name, role)))
    minutes = int(LINK_LIFETIME.total_seconds()) // 60
    typer.echo(f"It works once, within {minutes} minutes.", err=True)


async def _link(name: str, role: Role) -> str:
    url = settings().public_url.rstrip("/")
    async with store() as opened:
        link = Sessions(opened.sealer, Access(None), secure=False).link(name, role)
        act = Act(datetime.now(UTC), f"cli:{getuser()}", "link_made", name, {"role": role})
        await opened.run(lambda c: audit(c, act))
    return f"{url}/sign-in/link/{link}"
