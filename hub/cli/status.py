"""`hub status`: whether all is well, in one look."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from hub.attendance import unattended_twice
from hub.broker import BROKER_FAILURES, topology
from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, routes, settings, store
from hub.cli.output import show_json, show_table
from hub.inspection import Scanner
from hub.model.failure import HubFailure
from hub.store import Connection, Parking, Pause, State, Store, astray, ledger
from hub.web.standing import Standing, Status, concerns, look, status_of

__all__ = ["status"]

_SECONDS_FOR_THE_BROKER: Final = 3


def status(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show how the hub stands; exit code 1 if something needs a person.

    The ledger is drawn up for it, which takes seconds with a hundred thousand messages. Whether
    every queue has a hub that consumes it, the broker is asked.
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
            broker=None if unattended is None else True,
            balanced=ledger(connection).balanced,
            nowhere=len(astray(connection, now)),
            ledger_at=now,
            broken_files=(),
            unattended=unattended or (),
            scanner=scanner,
        )

    async with store() as opened:
        unattended = await _unattended(opened)
        return await opened.read(taken)


async def _unattended(opened: Store) -> tuple[str, ...] | None:
    """The queues that no hub consumes; None if the broker is not to be reached from here."""
    queues = topology(routes().authorities, settings().providers).queues
    try:
        async with (
            asyncio.timeout(_SECONDS_FOR_THE_BROKER) as patience,
            broker("hub status") as connected,
        ):
            patience.reschedule(None)
            names = [queue.name for queue in queues]
            return await unattended_twice(opened, connected.queue_states, names)
    except (CommandFailure, *BROKER_FAILURES):
        return None


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
    unseen = "" if seen.broker else "the broker is not to be reached from here"
    alone = len(seen.unattended) if seen.broker else "?"
    yield "queues that no hub consumes", alone, " ".join(seen.unattended[:3]) or unseen
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
