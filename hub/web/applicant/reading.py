"""What the page shows: the case with its letters, one letter, a document, a message on its way."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from starlette.responses import Response

from hub.mailbox.local import InMailbox, LocalMailbox
from hub.model.conversation import OpenItem
from hub.model.course import ANSWER_TO
from hub.model.downward import DownwardKind
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter
from hub.stages.standing import german_day
from hub.store import Case
from hub.web.applicant.answer import MAX_FILES, MAX_MEGABYTES, Problem
from hub.web.applicant.correspondence import Correspondence, correspondence
from hub.web.applicant.entrance import NotShown, Visit
from hub.web.applicant.forms import Form, Forms
from hub.web.applicant.pages import Pages
from hub.web.doors import Doors

__all__ = ["Reading", "awaited"]

_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg"}


class Reading:
    """Pages that change nothing, but that a letter counts as read once it was opened."""

    def __init__(
        self,
        hub: Doors,
        mailbox: LocalMailbox,
        forms: Forms,
        pages: Pages,
        now: Callable[[], datetime],
    ) -> None:
        self._hub = hub
        self._mailbox = mailbox
        self._forms = forms
        self._pages = pages
        self._now = now

    async def overview(self, visit: Visit) -> Response:
        """Where the case stands, its letters, and what was sent."""
        letters = await self._mailbox.of_case(visit.case.id)
        found = await self.correspondence(visit.case)
        values = self._common(visit) | {
            "letters": letters[::-1],
            "found": found,
            "awaited": awaited(letters, found.standing.open),
            "is_over": self.is_over,
        }
        return self._pages.show("overview.html", visit.words, values)

    async def letter(self, visit: Visit) -> Response:
        """One letter, with a form if it waits for an answer."""
        lying = await self.lying(visit)
        if visit.request.method == "GET":  # with HEAD nobody reads
            await self._mailbox.opened(lying.letter, self._now())
        return await self.show_letter(visit, lying)

    async def show_letter(
        self,
        visit: Visit,
        lying: InMailbox,
        problems: Sequence[Problem] = (),
        text: str = "",
        status: int = 200,
    ) -> Response:
        """The page of a letter; with `problems`, as an answer to a form that was not sent."""
        found = await self.correspondence(visit.case)
        item = _item_of(lying.letter, found.standing.open)
        values = self._common(visit) | {
            "lying": lying,
            "letter": lying.letter,
            "here": await self.still_here(lying.letter),
            "item": item,
            "given": found.answer_to(lying.letter.about),
            "elsewhere": await self._asked_by(lying.letter, found.standing.open),
            "token": self._token(visit.case, found, ANSWER_TO[item.kind], item) if item else "",
            "is_over": self.is_over,
            "problems": problems,
            "text": text,
            "max_files": MAX_FILES,
            "max_megabytes": MAX_MEGABYTES,
        }
        return self._pages.show("letter.html", visit.words, values, status=status)

    async def document(self, visit: Visit) -> Response:
        """A document of a letter, to be kept and opened elsewhere."""
        lying = await self.lying(visit)
        wanted = visit.request.path_params["document"]
        found = next((each for each in lying.letter.documents if each.id == wanted), None)
        if found is None:
            raise NotShown(404, "unknown")
        load = self._hub.store.documents.load
        try:
            content = await asyncio.to_thread(load, visit.case.id, found.sha256)
        except PermanentFailure as failure:
            if failure.cause == "document.missing":
                raise NotShown(410, "document_gone") from None
            raise
        ending = _ENDINGS[found.media_type]
        name = quote(found.file_name or f"document.{ending}", safe="")
        return Response(
            content,
            media_type=found.media_type,
            headers={
                "Content-Disposition": (
                    f"attachment; filename=\"document.{ending}\"; filename*=UTF-8''{name}"
                ),
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    async def withdrawal(self, visit: Visit) -> Response:
        """What it means to take the application back, and the form that does it."""
        found = await self.correspondence(visit.case)
        if "withdrawal" not in found.standing.may:
            raise NotShown(409, "not_open")
        token = self._token(visit.case, found, "withdrawal")
        values = self._common(visit) | {"token": token}
        return self._pages.show("withdrawal.html", visit.words, values)

    async def message(self, visit: Visit) -> Response:
        """What became of a message that was sent."""
        found = await self.correspondence(visit.case)
        wanted = visit.request.path_params["message"]
        sent = next((each for each in found.sent if each.id == wanted), None)
        if sent is None:
            raise NotShown(404, "unknown")
        return self._pages.show("message.html", visit.words, self._common(visit) | {"sent": sent})

    async def nothing(self, visit: Visit) -> Response:  # noqa: ARG002 - the signature of a page
        """Any other address below a link that opens a case."""
        raise NotShown(404, "unknown")

    async def lying(self, visit: Visit) -> InMailbox:
        """The letter that the address names.

        Raises:
            NotShown: the case has no such letter.
        """
        wanted = visit.request.path_params["letter"]
        letters = await self._mailbox.of_case(visit.case.id)
        found = next((each for each in letters if each.letter.id == wanted), None)
        if found is None:
            raise NotShown(404, "unknown")
        return found

    async def correspondence(self, case: Case) -> Correspondence:
        """Where the case stands now."""
        table, now = self._hub.routes.table, self._now()
        return await self._hub.store.read(lambda c: correspondence(c, case, table, now))

    def authority(self, case: Case) -> str:
        """The name of the authority that has the case."""
        entry = self._hub.routes.table.authorities.get(case.authority)
        return entry.name if entry else case.authority

    def _common(self, visit: Visit) -> dict[str, Any]:
        return {
            "case": visit.case,
            "authority": self.authority(visit.case),
            "to": visit.to,
        }

    def _token(
        self,
        case: Case,
        found: Correspondence,
        kind: DownwardKind,
        item: OpenItem | None = None,
    ) -> str:
        """Of a form; if it is not known whether such a one arrived, it sends that one again."""
        answers = item.update if item else None
        tried = (each for each in found.unconfirmed if (each.kind, each.answers) == (kind, answers))
        again = next(tried, None)
        message = again.id if again else MessageUuid(uuid4())
        return self._forms.token(Form(case.id, kind, answers, message))

    async def _asked_by(self, letter: Letter, items: Sequence[OpenItem]) -> Letter | None:
        """Of a reminder, the letter that it reminds of, as long as that waits for an answer."""
        if letter.kind != "reminder":
            return None
        pairs = awaited(await self._mailbox.of_case(letter.case), items)
        return next((asks for item, asks in pairs if item.update == letter.about), None)

    async def still_here(self, letter: Letter) -> set[object]:
        """The ids of those of its documents that are kept still."""
        holds = self._hub.store.documents.holds
        return {each.id for each in letter.documents if await holds(letter.case, each.sha256)}

    def is_over(self, item: OpenItem) -> bool:
        """Whether its deadline has passed."""
        return item.deadline is not None and item.deadline < german_day(self._now())


def _item_of(letter: Letter, items: Sequence[OpenItem]) -> OpenItem | None:
    """What this letter asks for, if it is still open; its reminder only tells of it."""
    found = (item for item in items if (item.kind, item.update) == (letter.kind, letter.about))
    return next(found, None)


def awaited(
    letters: Sequence[InMailbox], items: Sequence[OpenItem]
) -> list[tuple[OpenItem, Letter]]:
    """What is open, with the letter that asks for it."""
    pairs = ((_item_of(each.letter, items), each.letter) for each in letters)
    return [(item, letter) for item, letter in pairs if item is not None]
