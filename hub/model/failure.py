"""How things fail: one small tree, each class saying who has to act.

::

    HubFailure
    ├── TransientFailure    the hub tries again later, by itself
    ├── EndpointDown        the hub parks the authority and probes; no attempt is burnt
    │   └── Unreachable     ... and all who share its address
    ├── AdapterFailed       a vendor's code failed: tried a few times, then a dead letter
    └── PermanentFailure    a person decides: the message becomes a dead letter
        └── Refused         ... because the other side said no, with its codes

    BrokenFile              the operator mends a file: the routing table, the tokens, the schemas

Sentences are read by people and kept in journals and logs: they never quote a value that
came from an applicant.
"""

from collections.abc import Sequence
from datetime import timedelta


class HubFailure(Exception):
    """Anything the hub can name. `cause` is a stable code, `sentence` is for people."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(f"{cause}: {sentence}")
        self.cause = cause
        self.sentence = sentence


class TransientFailure(HubFailure):
    """It may work later; nothing has to be changed.

    `retry_after` is the other side's wish. `in_doubt` says that the other side may have taken
    the message all the same: it was sent, and no answer came.
    """

    def __init__(
        self,
        cause: str,
        sentence: str,
        *,
        retry_after: timedelta | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(cause, sentence)
        self.retry_after = retry_after
        self.in_doubt = in_doubt


class EndpointDown(HubFailure):
    """The other side takes nothing at present; that says nothing about this message.

    `retry_after` is the other side's wish.
    """

    def __init__(self, cause: str, sentence: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(cause, sentence)
        self.retry_after = retry_after


class Unreachable(EndpointDown):
    """Nobody answers at its address, or not who should: so it is for all who are reached there."""


class AdapterFailed(HubFailure):
    """An adapter did with this message what none may do: it raised, died or took all memory.

    Nothing was sent. `location` is a place in its code; `trail` the places that led there, of
    which a fingerprint is made: code only, never data.
    """

    def __init__(
        self, cause: str, sentence: str, *, location: str | None = None, trail: str = ""
    ) -> None:
        super().__init__(cause, sentence)
        self.location = location
        self.trail = trail


class PermanentFailure(HubFailure):
    """The message as it is can never pass. `location` names field, element or line."""

    def __init__(self, cause: str, sentence: str, *, location: str | None = None) -> None:
        super().__init__(cause, sentence)
        self.location = location


class Refused(PermanentFailure):
    """The other side refused the message: so it is there, and has read it.

    `codes` are a system's error codes (XInneres list, T/X/V/S). The first of them is the cause,
    unless there is a `cause` of another kind, as with providers of mailboxes.
    """

    def __init__(
        self,
        sentence: str,
        *,
        codes: Sequence[str],
        cause: str | None = None,
        location: str | None = None,
    ) -> None:
        cause = cause or f"refused.{codes[0] if codes else 'unknown'}"
        super().__init__(cause, sentence, location=location)
        self.codes = tuple(codes)


class BrokenFile(Exception):
    """A file that the hub works by is wrong; each line of the text says one thing, and where."""
