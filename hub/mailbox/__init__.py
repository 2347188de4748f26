"""Where applicants read their letters: one contract, one module per provider of mailboxes."""

from typing import Final, Protocol

from hub.model.failure import TransientFailure
from hub.model.letter import Letter, Provided

__all__ = ["ANSWERED_BELOW", "HalfDone", "MailboxProvider"]

ANSWERED_BELOW: Final = frozenset({"local", "notice"})
"""Providers whose letters are read on the hub's own page, with the form that answers below."""


class MailboxProvider(Protocol):
    """A place where letters are provided for the applicant to read."""

    async def deliver(self, letter: Letter) -> Provided:
        """Provide the letter. Delivering it again changes nothing and gives the first answer.

        Raises:
            TransientFailure: not provided now; the same letter may pass later.
            HalfDone: provided, but something that goes with it failed for now.
            EndpointDown: the provider as a whole is away.
            PermanentFailure: this letter can never be provided; `Refused`: the provider said no.
        """


class HalfDone(TransientFailure):
    """The letter lies in the mailbox; its notice or its status may still pass later.

    `provided` is what holds if that is given up: such a letter is never a dead one.
    """

    def __init__(self, failure: TransientFailure, provided: Provided) -> None:
        super().__init__(
            failure.cause,
            failure.sentence,
            retry_after=failure.retry_after,
            in_doubt=failure.in_doubt,
        )
        self.provided = provided
