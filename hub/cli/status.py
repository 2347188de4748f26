"""`hub status`: whether all is well, in one look."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import settings, store
from hub.cli.output import show_json, show_table
from hub.inspection import Scanner
from hub.model.failure import HubFailure
from hub.store import Connection, Parking, Pause, State, astray, ledger
from hub.web.standing import Standing, Status, concerns, look, status_of

__all__ = ["status"]


def status(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show how the hub stands; exit code 1 if something needs a person.

    The ledger is drawn up for it, which takes seconds with a hundred thousand messages.
    """
    seen = asyncio.run(_status())
    if json:
        show_json(Status, status_of(seen))
    else:
        show_table(("", "#", ""), _rows(seen))
        for concern in concerns(seen):
            if concern.severity == "warn":
                print(concern.sentence)
    if bad := [each.sentence for each in concerns(seen) if each.severity == "bad"]:
        raise CommandFailure(*bad)


async def _status() -> Standing:
    now = datetime.now(UTC)
    scanner = await _scanner(settings().clamd)

    def taken(connection: Connection) -> Standing:
        return look(
            connection,
            now,
            broker=None,
            balanced=ledger(connection).balanced,
            nowhere=len(astray(connection, now)),
            ledger_at=now,
            broken_files=(),
            scanner=scanner,
        )

    async with store() as opened:
        return await opened.read(taken)


async def _scanner(address: str | None) -> bool | None:
    if address is None:
        return None
    try:
        await Scanner(address).probe()
    except HubFailure:
        return False
    return True


def _rows(seen: Standing) -> Iterator[tuple[str, object, str]]:
    yield "owed", seen.count(State.OWED), _oldest(seen, State.OWED)
    awaited = _oldest(seen, State.HANDED_OVER)
    yield "handed over, no receipt yet", seen.count(State.HANDED_OVER), awaited
    probing = [each for each in seen.parked if each.state(seen.at) == "probing"]
    yield "parked: cannot be reached", len(seen.parked), _named(seen.parked)
    yield "of these probing: the next message is tried", len(probing), _named(probing)
    yield "paused by a person", len(seen.paused), _named(seen.paused)
    causes = ", ".join(f"{cause} {count}" for cause, count in seen.dead.items())
    yield "dead letters", sum(seen.dead.values()), causes
    if seen.scanner is not None:
        yield "virus scanner", "", "answers" if seen.scanner else "IS AWAY"
    yield "ledger", "", "balances" if seen.balanced else "DOES NOT BALANCE"


def _oldest(seen: Standing, state: State) -> str:
    since = seen.oldest(state)
    if since is None:
        return ""
    seconds = int((seen.at - since).total_seconds())
    days, rest = divmod(seconds, 86_400)
    age = f"{days} days " if days else ""
    return f"the oldest for {age}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _named(held: Sequence[Parking | Pause]) -> str:
    return " ".join(each.authority for each in held)
