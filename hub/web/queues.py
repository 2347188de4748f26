"""What becomes of each of the hub's queues, as plain values.

The broker says how deep it is and who consumes it, the store who is parked or paused. Decided here
without a page or a terminal, so that console, API and `hub queues` say the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from hub.broker import QueueState, delivery_queue, mailbox_queue, topology
from hub.model.identifiers import AuthorityKey
from hub.stages.parking import wanted
from hub.store import Connection, Parking, Pause, parkings, pauses
from hub.web.doors import Doors
from hub.web.problems import Rejected

__all__ = ["Held", "QueueRow", "Queues", "held", "look_at_queues", "queue_names", "queue_rows"]

Doing = Literal["consumed", "paused", "parked", "probing", "unconsumed"]
"""`unconsumed` needs a person: nobody takes from it, and nobody has said that it shall be so."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who is parked, because it is away, and who was paused by a person."""

    parkings: Sequence[Parking]
    pauses: Sequence[Pause]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue. `state` is None where nobody consumes it and the store could not say why.

    `came_in` and `went_out` are counted since an earlier look; None at the first. `since` and
    `next_probe` belong to what is parked or paused; `sentence` says why, or what to do.
    """

    queue: str
    messages: int
    consumers: int
    came_in: int | None
    went_out: int | None
    state: Doing | None
    since: datetime | None
    next_probe: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Queues:
    """Every queue of a running hub; in and out were counted for so long, None at a first look."""

    rows: list[QueueRow]
    over: timedelta | None


async def look_at_queues(hub: Doors, now: datetime) -> Queues:
    """Ask the broker and the store.

    Raises:
        Rejected: 503: the broker is away.
    """
    try:
        states = await hub.broker.queue_flows(
            queue_names(hub.routes.table.authorities, hub.providers)
        )
    except (ConnectionError, TimeoutError):
        raise Rejected(503, "broker.away", "The broker cannot be reached.") from None
    away = {"the store": hub.store_away, "the virus scanner": hub.scanner is False}
    waits_for = [what for what, is_away in away.items() if is_away]
    flow = next((state.flow for state in states.values() if state.flow is not None), None)
    over = None if flow is None else timedelta(seconds=round(flow.over.total_seconds()))
    return Queues(queue_rows(states, await hub.store.read(held), waits_for, now), over)


def held(connection: Connection) -> Held:
    """Read it."""
    return Held(parkings(connection), pauses(connection))


def queue_names(authorities: Iterable[AuthorityKey], providers: Iterable[str]) -> list[str]:
    """Every queue that a hub with these has."""
    return [queue.name for queue in topology(authorities, providers).queues]


def queue_rows(
    states: Mapping[str, QueueState], seen: Held | None, away: Sequence[str], now: datetime
) -> list[QueueRow]:
    """A row for each queue that there is: first what waits, and why; then the deepest first.

    Args:
        states: as the broker says.
        seen: as the store says; None if it could not.
        away: what this hub waits for before it consumes again, in words.
        now: the time.
    """
    parked = {_queue(each.authority): each for each in seen.parkings} if seen else {}
    paused = {_queue(each.authority): each for each in seen.pauses} if seen else {}
    known = seen is not None
    rows = [
        _row(name, state, parked.get(name), paused.get(name), away, now, known=known)
        for name, state in states.items()
    ]
    return sorted(rows, key=lambda row: (_ORDER.index(row.state), -row.messages, row.queue))


_ORDER: Final = ("unconsumed", None, "parked", "probing", "paused", "consumed")


def _row(
    name: str,
    state: QueueState,
    parking: Parking | None,
    pause: Pause | None,
    away: Sequence[str],
    now: datetime,
    *,
    known: bool,
) -> QueueRow:
    doing, since, sentence = _doing(state, parking, pause, away, now, known=known)
    return QueueRow(
        queue=name,
        messages=state.messages,
        consumers=state.consumers,
        came_in=state.flow.came_in if state.flow else None,
        went_out=state.flow.went_out if state.flow else None,
        state=doing,
        since=since,
        next_probe=parking.next_probe if parking and doing == "parked" else None,
        sentence=sentence,
    )


def _doing(
    state: QueueState,
    parking: Parking | None,
    pause: Pause | None,
    away: Sequence[str],
    now: datetime,
    *,
    known: bool,
) -> tuple[Doing | None, datetime | None, str]:
    mode = wanted(parking, now, paused=pause is not None)
    if mode == "paused" and pause is not None:
        return "paused", pause.since, f"Paused by {pause.actor}: {pause.reason}"
    if mode == "probing" and parking is not None:
        return "probing", parking.since, f"{parking.cause}: the next message is tried."
    if mode == "parked" and parking is not None:
        return "parked", parking.since, f"{parking.cause}: its messages wait, in order."
    if state.consumers:
        return "consumed", None, ""
    if not known:
        return None, None, ""
    return "unconsumed", None, _what_to_do(away)


def _what_to_do(away: Sequence[str]) -> str:
    if away:
        return f"The hub waits for {' and '.join(away)}; it goes on by itself when that is back."
    return _NOBODY


_NOBODY: Final = (
    "Nobody consumes it. Is a hub running with this stage? Start one with hub run; if one runs,"
    " its log says what it waits for."
)


def _queue(place: str) -> str:
    # A provider's name begins with a letter, an authority's key with a digit.
    return delivery_queue(place) if place.isdecimal() else mailbox_queue(place)
