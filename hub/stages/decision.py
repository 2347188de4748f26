"""What follows a failure: decided here as a plain value, carried out by the stage.

The rule, by who has to act: a transient failure comes again by itself, later each time; an
endpoint that is down parks its authority and burns no attempt; so does one that fails whatever
comes. Everything else is a dead letter. An exception nobody expected, or what an adapter does and
none may do, is tried a few times more: it may be a bug that passes. A message that found its
adapter busy was not tried. Nor does an attempt count that ended with the hub itself; but a message
at which it ends again and again may be the reason: it waits, longer each time, so that the hub can
serve the others meanwhile, and is a dead letter before it goes on for ever.
"""

import hashlib
import re
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.model.failure import (
    AdapterFailed,
    EndpointDown,
    HubFailure,
    PermanentFailure,
    TransientFailure,
    Unreachable,
)
from hub.model.identifiers import MessageUuid
from hub.store import CUT_OFF
from hub.workshop.crew import AdapterBusy

__all__ = [
    "CUT_OFF_FREE",
    "CUT_OFF_TRIES",
    "Again",
    "Dead",
    "Decision",
    "Park",
    "after_cut_off",
    "after_failure",
    "fingerprint",
    "probe_delay",
]

UNEXPECTED_TRIES: Final = 3
CUT_OFF_FREE: Final = 3
"""So many attempts in a row may be cut off, and the next is made at once: hubs are restarted one
after the other, and one that dies for another reason hits whoever is first in line each time."""
CUT_OFF_TRIES: Final = 20
"""In a row. The sixteen waits before the last attempt take an hour or two in all (55 to 111
minutes): an innocent message would have to be at work at each of twenty ends of the hub, of which
the last ten are five to ten minutes apart."""
_FIRST_CUT_OFF_DELAY: Final = timedelta(seconds=5)
_LONGEST_CUT_OFF_DELAY: Final = timedelta(minutes=5)
"""Up to as much is added: ten minutes at most."""
_FIRST_DELAY: Final = timedelta(seconds=2)
_LONGEST_DELAY: Final = timedelta(hours=1)
_FIRST_PROBE: Final = timedelta(seconds=2)
_LONGEST_PROBE: Final = timedelta(minutes=5)
_COUNTED: Final = re.compile(r"\[\d+\]| ?\(?line \d+\)?")


@dataclass(frozen=True, slots=True)
class Again:
    """Still owed; due again at `due_at`.

    `in_doubt`: the other side may have it already. `tried`: else nothing came of the claim, and
    what was known of the message before still holds.
    """

    due_at: datetime
    cause: str
    in_doubt: bool = False
    unexpected: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """The endpoint is down: the authority waits, the message keeps its attempt.

    `wait`: how long the other side wishes to be left alone. `shared`: so it is for all who are
    reached at its address. `in_doubt`: the other side may have the message already.
    """

    cause: str
    wait: timedelta | None = None
    shared: bool = False
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """A person decides. Equal fingerprints have one cause.

    `in_doubt`: the other side may have it all the same; the journal says so if it is sent again.
    """

    cause: str
    sentence: str
    location: str | None
    fingerprint: str
    codes: tuple[str, ...] = ()
    in_doubt: bool = False


Decision = Again | Park | Dead


def after_failure(
    failure: Exception,
    *,
    attempts: int,
    unexpected: int,
    limit: int,
    now: datetime,
    outage: bool = False,
) -> Decision:
    """Decide what follows `failure` at attempt number `attempts` of at most `limit`.

    `unexpected` is how often the message met an unexpected exception before this one. `outage`:
    a failure that may pass is not this message's own, but whoever came before it met it as well.
    """
    match failure:
        case EndpointDown():
            shared = isinstance(failure, Unreachable)
            return Park(failure.cause, wait=failure.retry_after, shared=shared)
        case PermanentFailure():
            return dead(failure)
        case AdapterBusy():
            return Again(now + _FIRST_DELAY, failure.cause, tried=False)
        case TransientFailure() if outage:
            return Park(failure.cause, wait=failure.retry_after, in_doubt=failure.in_doubt)
        case TransientFailure() if attempts < limit:
            delay = failure.retry_after or _delay(attempts, _FIRST_DELAY, _LONGEST_DELAY)
            return Again(now + delay, failure.cause, in_doubt=failure.in_doubt)
        case TransientFailure():
            sentence = f"Given up after {attempts} attempts. {failure.sentence}"
            known_by = fingerprint(failure)
            return Dead(failure.cause, sentence, None, known_by, in_doubt=failure.in_doubt)
        case AdapterFailed() if unexpected + 1 < UNEXPECTED_TRIES:
            delay = _delay(attempts, _FIRST_DELAY, _LONGEST_DELAY)
            return Again(now + delay, failure.cause, unexpected=True)
        case AdapterFailed():
            return dead(failure)
        case _ if unexpected + 1 < UNEXPECTED_TRIES:
            delay = _delay(attempts, _FIRST_DELAY, _LONGEST_DELAY)
            return Again(now + delay, "unexpected", in_doubt=True, unexpected=True)
        case _:
            return dead(failure)


def after_cut_off(open_ends: int, message: MessageUuid, now: datetime) -> Again | Dead | None:
    """Decide about a message whose last `open_ends` attempts ended with the hub: None goes on.

    Whatever else was at work when the hub ended has as many of them. Were all due again at one
    moment, the one that ends the hub would take the others along each time, up to the last: so
    each waits for a time of its own, between once and twice the delay.
    """
    if open_ends <= CUT_OFF_FREE:
        return None
    if open_ends < CUT_OFF_TRIES:
        times = open_ends - CUT_OFF_FREE
        delay = _delay(times, _FIRST_CUT_OFF_DELAY, _LONGEST_CUT_OFF_DELAY)
        delay *= 1 + _share(f"{message}:{times}")
        return Again(now + delay, CUT_OFF, tried=False)
    sentence = (
        f"The hub ended {open_ends} times in a row while it was at this message. "
        "Replay it once the hub runs steadily."
    )
    return dead(PermanentFailure(CUT_OFF, sentence))


def dead(failure: Exception) -> Dead:
    """The dead letter that `failure` becomes when nothing more is tried."""
    if isinstance(failure, HubFailure):
        location: str | None = getattr(failure, "location", None)
        codes = tuple(getattr(failure, "codes", ()))
        return Dead(failure.cause, failure.sentence, location, fingerprint(failure), codes)
    return Dead(
        cause="unexpected",
        sentence=f"The hub met an error it did not expect ({type(failure).__name__}).",
        location=_place(failure),
        fingerprint=fingerprint(failure),
        in_doubt=True,
    )


def fingerprint(failure: Exception) -> str:
    """Sixteen hex digits, equal for failures with one cause; made of code places, not of data."""
    if isinstance(failure, AdapterFailed):
        seed = f"{failure.cause}|{failure.trail}"
    elif isinstance(failure, HubFailure):
        location = getattr(failure, "location", None) or ""
        # The same place in another document: in another line, or at another item of a list.
        seed = f"{failure.cause}|{_COUNTED.sub('', location)}"
    else:
        frames = traceback.extract_tb(failure.__traceback__)
        seed = "|".join([type(failure).__name__, *(f"{f.name}:{f.line}" for f in frames)])
    return hashlib.sha256(seed.encode()).hexdigest()[:16]


def probe_delay(failures: int) -> timedelta:
    """How long a parked authority is left alone after its `failures`-th failed probe."""
    return _delay(failures, _FIRST_PROBE, _LONGEST_PROBE)


def _delay(times: int, first: timedelta, longest: timedelta) -> timedelta:
    # 2 ** 20 first delays is beyond every longest delay; more would overflow timedelta.
    doublings = min(max(times - 1, 0), 20)
    return min(longest, first * (1 << doublings))


def _share(seed: str) -> float:
    """Between 0 and 1: for one seed the same each time, for many spread evenly."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) / 2**64


def _place(failure: Exception) -> str | None:
    frames = traceback.extract_tb(failure.__traceback__)
    return f"{frames[-1].name}, line {frames[-1].lineno}" if frames else None
