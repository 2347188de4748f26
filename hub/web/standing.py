"""How the hub stands, as plain values, and what of it needs a person.

Decided here without a page or a terminal, so that console, API and `hub status` say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from hub.store import (
    Connection,
    Parking,
    Pause,
    State,
    Unfinished,
    open_dead_letters,
    parkings,
    pauses,
    unfinished,
)

__all__ = ["Concern", "Standing", "Status", "concerns", "look", "status_of"]

_LONG_OWED: Final = timedelta(hours=1)
_TOO_LONG_OWED: Final = timedelta(days=1)
_LONG_AWAITED: Final = timedelta(days=1)
_LONG_PARKED: Final = timedelta(hours=1)
_MOST_NAMED: Final = 3

Severity = Literal["bad", "warn"]
"""`bad` needs a person; `warn` may pass by itself."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should look at, in a sentence, and where the console shows it."""

    severity: Severity
    sentence: str
    path: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the hub stood at `at`.

    `unattended` are queues that no hub consumes; who looks from outside may know of none.
    `broker`, `balanced` and `nowhere` - owed messages that are in no place - are None where nobody
    has looked; `ledger_at` is when the ledger was drawn up. `scanner` - for viruses - is None where
    there is none. `broken_files` are those that are broken on disk, so that an older one is in
    force.
    """

    at: datetime
    broker: bool | None
    unfinished: Sequence[Unfinished]
    dead: dict[str, int]
    parked: Sequence[Parking]
    paused: Sequence[Pause]
    balanced: bool | None
    nowhere: int | None
    ledger_at: datetime | None
    broken_files: Sequence[str]
    unattended: Sequence[str] = ()
    scanner: bool | None = None

    def count(self, state: State) -> int:
        """Messages that stand so."""
        return sum(each.count for each in self.unfinished if each.state is state)

    def oldest(self, state: State) -> datetime | None:
        """Since when the oldest of them does."""
        return min((each.since for each in self.unfinished if each.state is state), default=None)


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand. `concerns` need a person; without any, all is well."""

    at: datetime
    well: bool
    concerns: tuple[Concern, ...]
    broker: bool | None
    owed: int
    oldest_owed: datetime | None
    receipts_awaited: int
    dead_letters: dict[str, int]
    parked: list[str]
    paused: list[str]
    ledger_balanced: bool | None
    owed_nowhere: int | None
    ledger_at: datetime | None
    scanner: bool | None = None


def look(
    connection: Connection,
    at: datetime,
    *,
    broker: bool | None,
    balanced: bool | None,
    nowhere: int | None,
    ledger_at: datetime | None,
    broken_files: Sequence[str],
    unattended: Sequence[str] = (),
    scanner: bool | None = None,
) -> Standing:
    """Read how things stand; what only its caller can know is given."""
    return Standing(
        at=at,
        broker=broker,
        unfinished=unfinished(connection),
        dead=open_dead_letters(connection),
        parked=parkings(connection),
        paused=pauses(connection),
        balanced=balanced,
        nowhere=nowhere,
        ledger_at=ledger_at,
        broken_files=broken_files,
        unattended=unattended,
        scanner=scanner,
    )


def status_of(standing: Standing) -> Status:
    """The same, summed up."""
    found = concerns(standing)
    return Status(
        at=standing.at,
        well=not found,
        concerns=found,
        broker=standing.broker,
        owed=standing.count(State.OWED),
        oldest_owed=standing.oldest(State.OWED),
        receipts_awaited=standing.count(State.HANDED_OVER),
        dead_letters=standing.dead,
        parked=[each.authority for each in standing.parked],
        paused=[each.authority for each in standing.paused],
        ledger_balanced=standing.balanced,
        owed_nowhere=standing.nowhere,
        ledger_at=standing.ledger_at,
        scanner=standing.scanner,
    )


def concerns(standing: Standing) -> tuple[Concern, ...]:
    """What a person should look at, the worst first; empty if all is well."""
    found = _concerns(standing)
    return tuple(sorted(found, key=lambda concern: concern.severity != "bad"))


def _concerns(standing: Standing) -> Iterator[Concern]:
    if standing.broker is False:
        yield Concern("bad", "The broker cannot be reached.", "/console/queues")
    if standing.scanner is False:
        sentence = "The virus scanner cannot be reached: what comes in is taken, and waits for it."
        yield Concern("bad", sentence, "/console/queues")
    if standing.balanced is False:
        yield Concern("bad", "The ledger does not balance.", "/console/ledger")
    if standing.nowhere:
        messages = "message is" if standing.nowhere == 1 else "messages are"
        sentence = f"{standing.nowhere} owed {messages} in no queue, in no handler and not due."
        yield Concern("bad", sentence, "/console/ledger")
    if standing.unattended:
        yield Concern("bad", _lacking(standing.unattended), "/console/queues")
    for name in standing.broken_files:
        sentence = f"The {name} file is broken; the old one is in force."
        yield Concern("bad", sentence, "/console/routes")
    if dead := sum(standing.dead.values()):
        letters = "dead letter waits" if dead == 1 else "dead letters wait"
        yield Concern("bad", f"{dead} {letters} for a decision.", "/console/dead")
    yield from _old(standing)
    yield from _held(standing)


def _lacking(unattended: Sequence[str]) -> str:
    some = ", ".join(unattended[:_MOST_NAMED])
    more = f" and {len(unattended) - _MOST_NAMED} more" if len(unattended) > _MOST_NAMED else ""
    return f"No hub consumes {some}{more}: no `hub run` works at that stage (see docs/scale.md)."


def _old(standing: Standing) -> Iterator[Concern]:
    owed, awaited = standing.oldest(State.OWED), standing.oldest(State.HANDED_OVER)
    if owed is not None and standing.at - owed > _LONG_OWED:
        severity: Severity = "bad" if standing.at - owed > _TOO_LONG_OWED else "warn"
        sentence = f"The oldest message is owed since {owed:%Y-%m-%d %H:%M} UTC."
        yield Concern(severity, sentence, "/console/authorities")
    if awaited is not None and standing.at - awaited > _LONG_AWAITED:
        sentence = (
            f"A system took a message of {awaited:%Y-%m-%d %H:%M} UTC"
            " and never said whether it accepted it."
        )
        yield Concern("bad", sentence, "/console/authorities")


def _held(standing: Standing) -> Iterator[Concern]:
    for parking in standing.parked:
        severity: Severity = "bad" if standing.at - parking.since > _LONG_PARKED else "warn"
        # Providers of mailboxes are parked, too; their names begin with a letter.
        is_authority = parking.authority.isdecimal()
        sentence = (
            f"{'Authority' if is_authority else 'Mailbox provider'} {parking.authority} cannot be"
            f" reached since {parking.since:%Y-%m-%d %H:%M} UTC ({parking.cause})."
        )
        path = f"/console/authorities/{parking.authority}" if is_authority else "/console/mailboxes"
        yield Concern(severity, sentence, path)
    for pause in standing.paused:
        sentence = (
            f"Authority {pause.authority} is paused by {pause.actor} since"
            f" {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}"
        )
        yield Concern("warn", sentence, f"/console/authorities/{pause.authority}")
