"""Where applicants read their letters: one contract, one module per provider of mailboxes."""

from typing import Protocol

from hub.model.letter import Letter, Provided

__all__ = ["MailboxProvider"]


class MailboxProvider(Protocol):
    """A place where letters are provided for the applicant to read."""

    async def deliver(self, letter: Letter) -> Provided:
        """Provide the letter. Delivering it again changes nothing and gives the first answer.

        Raises:
            TransientFailure: not provided now; the same letter may pass later.
            EndpointDown: the provider as a whole is away.
            PermanentFailure: this letter can never be provided.
        """
