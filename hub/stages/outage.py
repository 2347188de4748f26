"""What an outage does: who is parked, who probes, and when a failure is nobody's message's own.

A place is what can be away: an authority's system, or a provider of mailboxes. As long as it is
parked, the store lets one message through at a time, whichever process asks: the probe. When it
arrives, the rest follow; when it does not, the next one is due later. Authorities that are
reached at one address are parked together and probed once for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.model.identifiers import MessageUuid
from hub.stages.decision import Decision, Park, probe_delay
from hub.store import (
    Connection,
    Message,
    give_back,
    keep_parked,
    park,
    park_along,
    parking_of,
    set_next_probe,
    unpark,
    unpark_along,
)

__all__ = [
    "Admission",
    "Failures",
    "admit",
    "answered",
    "found_out",
    "give_back_probe",
    "met_outage",
    "put_off",
]

_IN_A_ROW: Final = 3
"""So many messages that failed one after the other are an outage: one may be a bad message, and a
second one an accident."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a message may go to a place now. `until`: not before then. `probe`: it is the one."""

    until: datetime | None = None
    probe: bool = False


class Failures:
    """Tells an outage from a message that its system cannot bear.

    A system that answers with an error, or not at all, may do so because of what it was sent. It
    is an outage if it fails whatever comes; and nobody's last attempt is lost on a system that
    took nothing else since the attempt before. Known to this process only: others find out for
    themselves.
    """

    def __init__(self) -> None:
        self._failed: dict[str, set[MessageUuid]] = {}
        self._worked: set[str] = set()

    def none_any_more(self, place: str) -> None:
        """The place has taken a message, or said no to one."""
        self._failed.pop(place, None)
        self._worked.add(place)

    def one_more(self, place: str, message: MessageUuid, *, is_last_attempt: bool) -> bool:
        """A message failed there; says whether that is an outage."""
        failed = self._failed.setdefault(place, set())
        again = message in failed
        if len(failed) < _IN_A_ROW:
            failed.add(message)
        proven = place in self._worked and not again
        return len(failed) == _IN_A_ROW or (is_last_attempt and not proven)


def admit(connection: Connection, place: str, now: datetime, patience: timedelta) -> Admission:
    """Ask whether a message may go to a place.

    Of a parked place, whoever asks first when a probe is due gets it. Nobody else does until it
    has ended, or `patience` is over because its process has.
    """
    parking = parking_of(connection, place)
    if parking is None:
        return Admission()
    if parking.next_probe <= now and set_next_probe(connection, parking, now + patience):
        return Admission(probe=True)
    return Admission(until=now)


def put_off(connection: Connection, message: Message, until: datetime) -> None:
    """A message came to a parked place: it is due again when the place is open or to be probed."""
    give_back(connection, message.id, due_at=until, cause=message.cause or "parked")


def met_outage(
    connection: Connection,
    place: str,
    why: Park,
    now: datetime,
    *,
    probe: bool,
    together_with: Iterable[str] = (),
) -> tuple[datetime, bool]:
    """Park a place, or leave it parked for longer; gives the time of its next probe.

    Says also whether that is new: a first failure or a failed probe. Of several messages in
    flight that meet one outage only the first counts.
    """
    parking = parking_of(connection, place)
    if parking is not None and not probe:
        return parking.next_probe, False
    failures = parking.failures + 1 if parking else 1
    next_probe = now + (why.wait or probe_delay(failures))
    if parking is not None and why.shared:
        keep_parked(connection, parking, why.cause, next_probe)
    else:
        if parking is not None:  # the address answers: let the others try for themselves
            unpark_along(connection, parking)
        parked = park(connection, place, why.cause, now, next_probe)
        if why.shared:
            park_along(connection, together_with, parked, now)
    return next_probe, True


def answered(connection: Connection, place: str) -> bool:
    """A place took a message, or said no: open it, and those parked together with it.

    Each of them begins with one message at a time, and is parked by itself if that one fails.
    False if it was not parked.
    """
    parking = parking_of(connection, place)
    if parking is None:
        return False
    unpark_along(connection, parking)
    return unpark(connection, place)


def found_out(
    connection: Connection,
    place: str,
    decision: Decision,
    now: datetime,
    *,
    probe: bool,
    refused: bool,
) -> bool:
    """A failed attempt, unless it met an outage, opens its place or gives its probe back.

    Args:
        connection: of the unit.
        place: where the message was to go.
        decision: what follows for the message.
        now: when it failed.
        probe: whether it was to find out if the place is back.
        refused: whether the place itself said no, which is an answer.

    Returns:
        Whether the place was parked and is open now.
    """
    if refused:
        return answered(connection, place)
    if probe and not isinstance(decision, Park):
        give_back_probe(connection, place, now)
    return False


def give_back_probe(connection: Connection, place: str, now: datetime) -> None:
    """A probe ended without having come as far as the place: the next message is one."""
    parking = parking_of(connection, place)
    if parking is not None:
        set_next_probe(connection, parking, now)
