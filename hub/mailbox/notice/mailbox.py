"""The letter waits in the hub's own mailbox, and an e-mail says that it does.

The letter is what counts: the time of provision is when it was first put there. The e-mail follows
it. If the server is away the letter stays owed, so that the applicant is told; it is not put twice.
If nobody can be told, because the address is refused for good or not taken at any attempt, the
letter counts as provided all the same, for it lies there and those behind it must not wait: the
journal says `notice_failed`, and the log.
"""

from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from typing import Final

from hub.language import catalogue
from hub.mailbox import HalfDone
from hub.mailbox.letters import TEXTS
from hub.mailbox.local import LocalMailbox
from hub.mailbox.notice.mail import address, notice
from hub.mailbox.notice.sending import MailSender
from hub.model.failure import HubFailure, PermanentFailure, TransientFailure
from hub.model.identifiers import CaseId
from hub.model.letter import Letter, Provided, Shortfall
from hub.store import Store, record_step, steps_done

__all__ = ["NoticeMailbox"]

_TOLD: Final = "notice.told"


class NoticeMailbox:
    """Puts letters into the local mailbox, whose accounts are e-mail addresses here."""

    def __init__(
        self,
        store: Store,
        local: LocalMailbox,
        mail: MailSender,
        sender: Address,
        link: Callable[[CaseId], str],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._local = local
        self._mail = mail
        self._sender = sender
        self._link = link
        self._now = now

    async def deliver(self, letter: Letter) -> Provided:
        """Put the letter, and tell; what was done before is not done again."""
        recipient = address(letter.mailbox.account)
        provided = await self._local.deliver(letter)
        if _TOLD in await self._store.read(lambda c: steps_done(c, letter.id)):
            return provided
        try:
            await self._tell(letter, recipient)
        except TransientFailure as failure:
            raise HalfDone(failure, _untold(provided, failure)) from None
        except PermanentFailure as failure:
            return _untold(provided, failure)
        return provided

    async def _tell(self, letter: Letter, recipient: Address) -> None:
        now = self._now()
        found = [catalogue(TEXTS, part.language) for part in letter.parts]
        spoken = [each for each in found if each is not None]
        link = self._link(letter.case)
        await self._mail.send(notice(letter.id, self._sender, recipient, link, spoken, now))
        await self._store.run(lambda c: record_step(c, letter.id, _TOLD, "sent", now))


def _untold(provided: Provided, failure: HubFailure) -> Provided:
    shortfall = Shortfall(event="notice_failed", cause=failure.cause)
    return provided.model_copy(update={"shortfall": shortfall})
