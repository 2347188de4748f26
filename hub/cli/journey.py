"""`hub journey`: everything that happened to one case, in order."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.failures import CommandFailure
from hub.cli.opened import store
from hub.cli.output import show_json, show_table
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import (
    Connection,
    DeadLetter,
    Event,
    case_by_id,
    cases_of_application,
    dead_letters,
    message_by_id,
    messages_of,
)
from hub.store import journey as events_of

__all__ = ["journey"]


def journey(
    id: Annotated[str, typer.Argument(help="Of a case, a message or an application.")],  # noqa: A002
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the journey of a case."""
    events, kinds, dead = asyncio.run(_look_up(id))
    if json:
        show_json(list[Event], events)
        return
    show_table(
        ("when (UTC)", "message", "stage", "event", "#attempt", "#took", "detail"),
        (_row(event, kinds) for event in events),
    )
    for letter in dead:
        print(f"\nDead letter {letter.id} ({letter.cause}): {letter.sentence}")


_Kinds = dict[MessageUuid, str]


async def _look_up(id_: str) -> tuple[list[Event], _Kinds, list[DeadLetter]]:
    async with store() as opened:
        return await opened.read(lambda connection: _journey(connection, id_))


def _journey(connection: Connection, id_: str) -> tuple[list[Event], _Kinds, list[DeadLetter]]:
    case = _case(connection, id_)
    kinds = {message.id: message.kind for message in messages_of(connection, case)}
    dead = [letter for letter in dead_letters(connection) if letter.case == case]
    return events_of(connection, case), kinds, dead


def _case(connection: Connection, id_: str) -> CaseId:
    """The case that `id_` names, whatever kind of id it is."""
    found = {case.id for case in cases_of_application(connection, id_)} | _by_uuid(connection, id_)
    if len(found) > 1:
        cases = ", ".join(sorted(map(str, found)))
        raise CommandFailure(f"several senders have an application {id_}; its cases are {cases}")
    if not found:
        raise CommandFailure(_unknown(connection, id_))
    return found.pop()


def _by_uuid(connection: Connection, id_: str) -> set[CaseId]:
    try:
        uuid = UUID(id_)
    except ValueError:
        return set()
    if case := case_by_id(connection, CaseId(uuid)):
        return {case.id}
    message = message_by_id(connection, MessageUuid(uuid))
    return set() if message is None else {message.case}


def _unknown(connection: Connection, id_: str) -> str:
    """What was refused at the door has no case; `hub submit` gave its id as correlation."""
    for letter in dead_letters(connection):
        if letter.correlation == id_:
            return f"{id_} was refused ({letter.cause}): {letter.sentence}"
    return f"no case, message or application {id_} is known to this hub"


def _row(event: Event, kinds: _Kinds) -> tuple[str, ...]:
    return (
        f"{event.at:%Y-%m-%d %H:%M:%S.%f}"[:-3],
        kinds.get(event.message, str(event.message)) if event.message else "",
        event.stage,
        event.name,
        "" if event.attempt is None else str(event.attempt),
        "" if event.duration is None else f"{event.duration.total_seconds():.3f} s",
        ", ".join(f"{name} {value}" for name, value in event.detail.items()),
    )
